using System.Net.Sockets;

namespace Providers.Testing.Sockets;

/// <summary>One accepted connection: reads requests, writes exact bytes, closes or resets, and knows when the client left.</summary>
internal sealed class WireConnection(Socket socket) : IDisposable
{
    private readonly byte[] _buffer = new byte[16_384];
    private int _start;
    private int _end;

    public long BytesSent { get; private set; }

    public async Task<WireRequest?> ReadRequestAsync(CancellationToken token)
    {
        string? first = await ReadLineAsync(token).ConfigureAwait(false);
        if (first?.Split(' ') is not [string method, string target, string version])
        {
            return null;
        }

        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        while (await ReadLineAsync(token).ConfigureAwait(false) is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                headers[line[..colon]] = line[(colon + 1)..].Trim();
            }
        }

        bool chunked = headers.TryGetValue("Transfer-Encoding", out string? coding) && coding.Contains("chunked", StringComparison.OrdinalIgnoreCase);
        byte[] body = chunked ? await ReadChunksAsync(token).ConfigureAwait(false)
            : headers.TryGetValue("Content-Length", out string? text) && int.TryParse(text, out int length) ? await ReadBytesAsync(length, token).ConfigureAwait(false)
            : [];
        return new WireRequest(method, target, version, headers, body, chunked);
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        while (bytes.Length > 0)
        {
            int sent = await socket.SendAsync(bytes, SocketFlags.None, token).ConfigureAwait(false);
            BytesSent += sent;
            bytes = bytes[sent..];
        }
    }

    /// <summary>Ends when the client closed or reset its side; never while it only waits.</summary>
    public async Task WatchAsync(CancellationToken token)
    {
        try
        {
            byte[] one = new byte[1];
            // Peeking leaves a pipelined request in place; then there is nothing more to learn.
            if (_start < _end || await socket.ReceiveAsync(one, SocketFlags.Peek, token).ConfigureAwait(false) > 0)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // A reset is a leave too.
        }
    }

    /// <summary>Closes with an RST: the client sees "connection reset by peer".</summary>
    public void Reset()
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client was faster.
        }

        socket.Close();
    }

    /// <summary>Sends a FIN after what was written.</summary>
    public void FinishSending()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }
    }

    public void Dispose()
    {
        FinishSending();
        socket.Close();
    }

    private async Task<string?> ReadLineAsync(CancellationToken token)
    {
        List<byte> line = [];
        while (await NextAsync(token).ConfigureAwait(false) is { } next)
        {
            if (next == '\n')
            {
                return System.Text.Encoding.Latin1.GetString(line is [.., (byte)'\r'] ? [.. line[..^1]] : [.. line]);
            }

            line.Add(next);
        }

        return null;
    }

    private async Task<byte[]> ReadBytesAsync(int length, CancellationToken token)
    {
        byte[] body = new byte[length];
        for (int i = 0; i < length; i++)
        {
            body[i] = await NextAsync(token).ConfigureAwait(false) ?? throw new EndOfStreamException("The client closed in the middle of its request.");
        }

        return body;
    }

    private async Task<byte[]> ReadChunksAsync(CancellationToken token)
    {
        List<byte> body = [];
        while (true)
        {
            string size = await ReadLineAsync(token).ConfigureAwait(false) ?? throw new EndOfStreamException("The client closed in the middle of its request.");
            int length = Convert.ToInt32(size.Split(';')[0].Trim(), 16);
            body.AddRange(await ReadBytesAsync(length, token).ConfigureAwait(false));
            await ReadLineAsync(token).ConfigureAwait(false);
            if (length == 0)
            {
                return [.. body];
            }
        }
    }

    private async ValueTask<byte?> NextAsync(CancellationToken token)
    {
        if (_start == _end)
        {
            _start = 0;
            _end = await socket.ReceiveAsync(_buffer, SocketFlags.None, token).ConfigureAwait(false);
        }

        return _start < _end ? _buffer[_start++] : null;
    }
}
