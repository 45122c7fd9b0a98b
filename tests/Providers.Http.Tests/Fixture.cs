using System.Net.Sockets;
using System.Text;

namespace Providers.Http.Tests;

/// <summary>Plays the answer of a wire fixture.</summary>
internal static class Fixture
{
    public static async Task PlayAsync(string file, NetworkStream stream, CancellationToken stop)
    {
        string text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Fixtures", file), stop);
        string response = text[(text.IndexOf("%% response\n", StringComparison.Ordinal) + 12)..];
        string[] parts = response.Split("\n@chunk", 2);
        string[] head = parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string framing = head.Single(l => l.StartsWith("@framing", StringComparison.Ordinal))[9..].Trim();
        string rest = parts.Length > 1 ? "\n@chunk" + parts[1] : "\n";
        int endAt = response.LastIndexOf("@end", StringComparison.Ordinal);
        string end = response[(endAt + 4)..].Trim();
        List<byte[]> chunks = [];
        foreach (string part in rest[..rest.LastIndexOf("@end", StringComparison.Ordinal)].Split("\n@chunk", StringSplitOptions.RemoveEmptyEntries))
        {
            string chunk = part[(part.IndexOf('\n') + 1)..];
            chunks.Add(Encoding.UTF8.GetBytes(chunk));
        }

        chunks[^1] = chunks[^1][^1] is (byte)'\n' ? chunks[^1][..^1] : chunks[^1]; // the last one keeps the LF that the format adds
        StringBuilder start = new(head[0].StartsWith("HTTP/", StringComparison.Ordinal) ? head[0] : "HTTP/1.1 " + head[0]);
        start.Append("\r\n").AppendJoin("", head[1..].Where(l => !l.StartsWith('@')).Select(l => l + "\r\n"));
        start.Append(framing switch { "chunked" => "Transfer-Encoding: chunked\r\n", "close" => "Connection: close\r\n", _ => $"Content-Length: {chunks.Sum(c => c.Length)}\r\n" });
        await stream.WriteAsync(Encoding.UTF8.GetBytes(start + "\r\n"), stop);
        foreach (byte[] chunk in chunks)
        {
            byte[] framed = framing is "chunked" ? [.. Encoding.UTF8.GetBytes($"{chunk.Length:x}\r\n"), .. chunk, .. "\r\n"u8] : chunk;
            await stream.WriteAsync(framed, stop);
        }

        if (end is "hang")
        {
            await Task.Delay(Timeout.Infinite, stop);
        }

        if (end is "ok" && framing is "chunked")
        {
            await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), stop);
        }
    }
}
