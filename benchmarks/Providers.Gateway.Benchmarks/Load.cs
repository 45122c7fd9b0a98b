using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Providers.Gateway.Benchmarks;

/// <summary>Closed-loop load over raw sockets: each connection sends its next request when the answer to the last is whole.</summary>
internal static class Load
{
    public static async Task<Measurement> RunAsync(Target to, bool stream, int connections, double seconds)
    {
        Sample sample = new();
        await RunAsync(sample, to, stream, connections, seconds);
        return sample.Measured();
    }

    /// <summary>Adds a round to what was seen of a target in the rounds before.</summary>
    public static async Task RunAsync(Sample sample, Target to, bool stream, int connections, double seconds)
    {
        Uri target = to.Address;
        string body = $$"""{"model":"chat","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Name the three longest rivers of Norway."}],"max_tokens":64{{(stream ? ",\"stream\":true" : "")}}}""";
        byte[] request = Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: {target.Authority}\r\nContent-Type: application/json\r\n{to.Headers}Content-Length: {body.Length}\r\n\r\n{body}");
        TimeSpan worked = Worked(to);
        long started = Stopwatch.GetTimestamp();
        long end = started + (long)(seconds * Stopwatch.Frequency);
        List<double>[] all = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => LoopAsync(target, request, stream, end))));
        sample.Add(all.SelectMany(static l => l), Stopwatch.GetElapsedTime(started), Worked(to) - worked);
    }

    private static TimeSpan Worked(Target to) => to.Process?.Worked ?? TimeSpan.Zero;

    private static async Task<List<double>> LoopAsync(Uri target, byte[] request, bool stream, long end)
    {
        List<double> times = new(100_000);
        byte[] buffer = new byte[128 * 1024];
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, target.Port);
        while (true)
        {
            long sent = Stopwatch.GetTimestamp();
            if (sent >= end)
            {
                return times;
            }

            await socket.SendAsync(request, SocketFlags.None);
            int filled = 0;
            while (!IsWhole(buffer.AsSpan(0, filled), stream))
            {
                int read = await socket.ReceiveAsync(buffer.AsMemory(filled), SocketFlags.None);
                filled += read > 0 ? read : throw new InvalidOperationException($"{target} closed the connection after: {Encoding.UTF8.GetString(buffer, 0, Math.Min(filled, 500))}");
            }

            times.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> data, bool stream)
    {
        int head = data.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }

        if (!data.StartsWith("HTTP/1.1 200"u8))
        {
            throw new InvalidOperationException($"The answer is not a success: {Encoding.UTF8.GetString(data[..Math.Min(data.Length, 600)])}");
        }

        ReadOnlySpan<byte> headers = data[..head];
        ReadOnlySpan<byte> body = data[(head + 4)..];
        for (int line = headers.IndexOf((byte)'\n'); line >= 0 && line + 1 < headers.Length;)
        {
            ReadOnlySpan<byte> rest = headers[(line + 1)..];
            if (rest.Length > 16 && Ascii.EqualsIgnoreCase(rest[..16], "content-length: "u8))
            {
                return System.Buffers.Text.Utf8Parser.TryParse(rest[16..], out int length, out _) && body.Length >= length;
            }

            int next = rest.IndexOf((byte)'\n');
            line = next < 0 ? -1 : line + 1 + next;
        }

        bool ended = body.EndsWith("0\r\n\r\n"u8);
        return ended && (!stream || body.IndexOf("[DONE]"u8) >= 0 || Broken());
        static bool Broken() => throw new InvalidOperationException("The stream ended without [DONE].");
    }
}
