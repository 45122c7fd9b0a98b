using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Providers.OpenAI.Tests.Support;

/// <summary>A loopback server that answers byte for byte what a test tells it to, one request a connection.</summary>
public sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Received, Reply> _answer;
    private readonly Task _loop;

    public RawServer(Func<Received, Reply> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public RawServer(Reply reply)
        : this(_ => reply)
    {
    }

    public Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1");

    public ConcurrentQueue<Received> Requests { get; } = new();

    /// <summary>Completes when a client has closed a connection that the server kept open.</summary>
    public TaskCompletionSource ClientLeft { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> clients = [];
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            clients.Add(ServeAsync(client));
        }

        await Task.WhenAll(clients);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        NetworkStream stream = client.GetStream();
        try
        {
            if (await ReadAsync(stream) is { } received)
            {
                Requests.Enqueue(received);
                await WriteAsync(stream, _answer(received));
                client.Client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            ClientLeft.TrySetResult();
        }
    }

    private async Task WriteAsync(NetworkStream stream, Reply reply)
    {
        if (reply.End is "drop")
        {
            return;
        }

        if (reply.End is not "silent")
        {
            StringBuilder head = new($"{reply.Status}\r\nContent-Type: {reply.ContentType}\r\nConnection: close\r\n");
            foreach (string header in reply.Headers)
            {
                head.Append(header).Append("\r\n");
            }

            head.Append(reply.Framing switch
            {
                "content-length" => $"Content-Length: {reply.Pieces.Sum(static p => p.Length)}\r\n\r\n",
                "chunked" => "Transfer-Encoding: chunked\r\n\r\n",
                _ => "\r\n",
            });
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ToString()), _stop.Token);
            foreach (byte[] piece in reply.Pieces)
            {
                byte[] sent = reply.Framing is "chunked" ? [.. Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"), .. piece, .. "\r\n"u8] : piece;
                await stream.WriteAsync(sent, _stop.Token);
                await stream.FlushAsync(_stop.Token);
            }

            if (reply is { Framing: "chunked", End: "ok" })
            {
                await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), _stop.Token);
            }
        }

        if (reply.End is "hang" or "silent")
        {
            await stream.ReadExactlyAsync(new byte[1], _stop.Token); // until the client leaves
        }
    }

    private async Task<Received?> ReadAsync(NetworkStream stream)
    {
        List<byte> bytes = [];
        byte[] one = new byte[1];
        while (!(bytes.Count > 3 && bytes[^1] == '\n' && bytes[^2] == '\r' && bytes[^3] == '\n'))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
            {
                return null;
            }

            bytes.Add(one[0]);
        }

        string[] lines = Encoding.ASCII.GetString([.. bytes]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        byte[] body = new byte[headers.TryGetValue("Content-Length", out string? length) ? int.Parse(length, System.Globalization.CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _stop.Token);
        string[] first = lines[0].Split(' ');
        return new Received(first[0], first[1], headers, Encoding.UTF8.GetString(body));
    }
}
