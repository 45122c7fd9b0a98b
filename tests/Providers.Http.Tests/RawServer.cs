using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Providers.Http.Tests;

/// <summary>A listener on loopback that writes exactly what a test says, byte for byte.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private readonly bool _readsRequest;
    private readonly Func<NetworkStream, string, CancellationToken, Task> _answer;

    public RawServer(Func<NetworkStream, string, CancellationToken, Task> answer, bool readsRequest = true)
    {
        _answer = answer;
        _readsRequest = readsRequest;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public RawServer(string answer, bool hang = false)
        : this(async (stream, _, stop) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), stop);
            if (hang)
            {
                await Task.Delay(Timeout.Infinite, stop);
            }
        })
    {
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1/chat/completions");

    public List<string> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        NetworkStream stream = client.GetStream();
        string text = _readsRequest ? await ReadAsync(stream) : "";
        try
        {
            await _answer(stream, text, _stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or System.Security.Authentication.AuthenticationException)
        {
            // The test, or its client, is done.
        }
    }

    private async Task<string> ReadAsync(NetworkStream stream)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
        {
            head.Append((char)one[0]);
        }

        string text = head.ToString();
        int at = text.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        int length = at < 0 ? 0 : int.Parse(text[(at + 16)..text.IndexOf('\r', at)]);
        await stream.ReadExactlyAsync(new byte[length]);
        lock (Requests)
        {
            Requests.Add(text);
        }

        return text;
    }
}
