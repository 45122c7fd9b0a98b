using System.Globalization;
using System.Text;
using Providers.Testing.Wires;

namespace Providers.Testing.Fixtures;

/// <summary>How a recorded body ends.</summary>
internal enum FixtureEnd
{
    Ok,
    Cut,
    Hang,
}

/// <summary>A recorded answer: the head as it is sent, the chunks, the end.</summary>
internal sealed record FixtureResponse(string? StatusLine, IReadOnlyList<string> Headers, Framing Framing, IReadOnlyList<(TimeSpan Pause, byte[] Bytes)> Chunks, FixtureEnd End)
{
    public int Status => StatusLine?.Split(' ') is [_, string code, ..] ? int.Parse(code, CultureInfo.InvariantCulture) : 0;

    public int Length => Chunks.Sum(static c => c.Bytes.Length);

    public static FixtureResponse Parse(string name, string text)
    {
        List<string> lines = [.. text.Split('\n')];
        int body = lines.FindIndex(static l => l.Length == 0);
        int framing = lines.FindIndex(static l => l.StartsWith("@framing ", StringComparison.Ordinal));
        int end = lines.FindLastIndex(static l => l.StartsWith("@end ", StringComparison.Ordinal));
        if (body < 0 || framing < 0 || end < 0)
        {
            throw new FormatException($"Fixture '{name}' lacks '@framing', '@end' or the empty line before the chunks.");
        }

        string status = lines[0];
        return new FixtureResponse(
            status == "-" ? null : status.StartsWith("HTTP/", StringComparison.Ordinal) ? status : "HTTP/1.1 " + status,
            [.. lines[1..framing]],
            lines[framing]["@framing ".Length..] switch
            {
                "content-length" => Framing.Length,
                "chunked" => Framing.Chunked,
                "close" => Framing.Close,
                "none" => Framing.None,
                string other => throw new FormatException($"Fixture '{name}': framing '{other}' is unknown."),
            },
            [.. ReadChunks(name, lines[(body + 1)..end])],
            Enum.Parse<FixtureEnd>(lines[end]["@end ".Length..], ignoreCase: true));
    }

    private static IEnumerable<(TimeSpan Pause, byte[] Bytes)> ReadChunks(string name, List<string> lines)
    {
        int at = lines.FindIndex(static l => l.StartsWith("@chunk", StringComparison.Ordinal));
        while (at >= 0)
        {
            int next = lines.FindIndex(at + 1, static l => l.StartsWith("@chunk", StringComparison.Ordinal));
            string pause = lines[at]["@chunk".Length..].Trim();
            int wait = 0;
            if (pause.Length > 0 && !(pause.StartsWith("pause=", StringComparison.Ordinal) && int.TryParse(pause[6..], CultureInfo.InvariantCulture, out wait)))
            {
                throw new FormatException($"Fixture '{name}': '{lines[at]}' is not '@chunk [pause=ms]'.");
            }

            // The text up to the next @ line, less its last LF: joining the lines leaves exactly that one out.
            yield return (TimeSpan.FromMilliseconds(wait), Encoding.UTF8.GetBytes(string.Join('\n', lines[(at + 1)..(next < 0 ? lines.Count : next)])));
            at = next;
        }
    }
}
