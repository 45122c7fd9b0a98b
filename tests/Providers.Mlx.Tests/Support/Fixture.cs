using System.Text;

namespace Providers.Mlx.Tests;

/// <summary>A recorded exchange: the request as it should look, and the response byte for byte.</summary>
internal sealed record Fixture(string Method, string Path, string Body, IReadOnlyList<string> Head, bool HasLength, IReadOnlyList<string> Chunks, string End)
{
    public static string Folder { get; } = System.IO.Path.Join(AppContext.BaseDirectory, "wire-fixtures");

    public static Fixture Load(string file)
    {
        string text = File.ReadAllText(System.IO.Path.Join(Folder, "mlx", file));
        string[] parts = text.Split("%% request\n")[1].Split("%% response\n");
        string[] request = parts[0].Split("\n\n", 2);
        string[] start = request[0].Split('\n')[0].Split(' ');
        string[] lines = parts[1].Split('\n');
        int framing = Array.FindIndex(lines, static l => l.StartsWith("@framing", StringComparison.Ordinal));
        List<string> chunks = [];
        StringBuilder? chunk = null;
        string end = "ok";
        foreach (string line in lines.Skip(framing + 2))
        {
            if (line.StartsWith("@chunk", StringComparison.Ordinal) || line.StartsWith("@end", StringComparison.Ordinal))
            {
                if (chunk is not null)
                {
                    chunks.Add(chunk.ToString()[..^1]);
                }

                chunk = new StringBuilder();
                if (line.StartsWith("@end", StringComparison.Ordinal))
                {
                    end = line[5..];
                    break;
                }
            }
            else
            {
                chunk?.Append(line).Append('\n');
            }
        }

        return new Fixture(start[0], start[1], request.Length > 1 ? request[1].Trim() : "", lines[..framing], lines[framing].Contains("content-length", StringComparison.Ordinal), chunks, end);
    }

    public async Task PlayAsync(RawServer.Exchange exchange)
    {
        if (Head[0] is "-")
        {
            return;
        }

        string status = Head[0].StartsWith("HTTP/", StringComparison.Ordinal) ? Head[0] : "HTTP/1.1 " + Head[0];
        string length = HasLength ? $"Content-Length: {Chunks.Sum(Encoding.UTF8.GetByteCount)}\r\n" : "";
        await exchange.WriteAsync(status + "\r\n" + string.Concat(Head.Skip(1).Select(static h => h + "\r\n")) + length + "\r\n");
        foreach (string chunk in Chunks)
        {
            await exchange.WriteAsync(chunk);
        }

        if (End is "hang")
        {
            await exchange.HangAsync();
        }
    }
}
