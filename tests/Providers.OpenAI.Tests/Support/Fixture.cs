using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Providers.OpenAI.Tests.Support;

/// <summary>One recorded exchange of tests/wire-fixtures, with what an adapter must make of it.</summary>
public sealed record Fixture(string Method, string Path, string Body, IReadOnlyDictionary<string, string> RequestHeaders, Reply Reply)
{
    public static Fixture Load(string file) => Parse(File.ReadAllLines(System.IO.Path.Combine(Folder(), file)));

    public static JsonElement Expected(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(Folder(), "expected.json")));
        return document.RootElement.EnumerateArray().Single(e => e.GetProperty("file").GetString() == file).Clone();
    }

    public static IEnumerable<string> Names(string folder) =>
        Directory.GetFiles(System.IO.Path.Combine(Folder(), folder), "*.http").Select(f => $"{folder}/{System.IO.Path.GetFileName(f)}").Order(StringComparer.Ordinal);

    private static string Folder([CallerFilePath] string source = "") =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(source)!, "..", "..", "wire-fixtures"));

    private static Fixture Parse(string[] lines)
    {
        int request = Array.IndexOf(lines, "%% request");
        int response = Array.IndexOf(lines, "%% response");
        string[] first = lines[request + 1].Split(' ');
        int body = Array.IndexOf(lines, "", request);
        Dictionary<string, string> sent = lines[(request + 2)..body].Select(static l => l.Split(": ", 2)).ToDictionary(static p => p[0], static p => p[1], StringComparer.OrdinalIgnoreCase);
        string status = lines[response + 1];
        int end = Array.IndexOf(lines, "", response);
        string[] head = lines[(response + 2)..end];
        List<byte[]> pieces = [];
        StringBuilder? piece = null;
        string finish = "ok";
        foreach (string line in lines.Skip(end + 1))
        {
            if (line.StartsWith("@chunk", StringComparison.Ordinal) || line.StartsWith("@end", StringComparison.Ordinal))
            {
                Close(pieces, piece);
                piece = new StringBuilder();
                finish = line.StartsWith("@end", StringComparison.Ordinal) ? line[5..].Trim() : finish;
            }
            else
            {
                piece?.Append(line).Append('\n');
            }
        }

        return new Fixture(first[0], first[1], body + 1 < response ? lines[body + 1] : "", sent, new Reply
        {
            Status = status.StartsWith("HTTP/", StringComparison.Ordinal) ? status : $"HTTP/1.1 {status}",
            ContentType = head.Single(static h => h.StartsWith("Content-Type:", StringComparison.OrdinalIgnoreCase))["Content-Type:".Length..].Trim(),
            Headers = [.. head.Where(static h => !h.StartsWith('@') && !h.StartsWith("Content-Type:", StringComparison.OrdinalIgnoreCase))],
            Framing = head.Single(static h => h.StartsWith("@framing", StringComparison.Ordinal)).Split(' ')[1],
            Pieces = pieces,
            End = finish,
        });
    }

    private static void Close(List<byte[]> pieces, StringBuilder? piece)
    {
        if (piece is { Length: > 0 })
        {
            pieces.Add(Encoding.UTF8.GetBytes(piece.ToString(0, piece.Length - 1))); // less its last LF
        }
    }
}
