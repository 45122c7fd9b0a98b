using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Providers.Mlx.Tests;

/// <summary>A listener on loopback that answers each request with bytes of the test's choice and closes.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Exchange, Task> _answer;
    private readonly List<Task> _tasks = [];
    private readonly Task _loop;

    public RawServer(Func<Exchange, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _loop = AcceptAsync();
    }

    public Uri Address { get; }

    public List<Exchange> Exchanges { get; } = [];

    /// <summary>Answers every request with JSON of a status.</summary>
    public static RawServer Json(string body, int status = 200, string headers = "") => new(x => x.WriteAsync(Http(status, body, headers: headers)));

    public static string Http(int status, string body, string type = "application/json", string headers = "") =>
        $"HTTP/1.0 {status} X\r\nContent-Type: {type}\r\n{headers}\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _listener.Stop();
        await Task.WhenAll(_tasks).ContinueWith(static _ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _tasks.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            NetworkStream stream = client.GetStream();
            StringBuilder head = new();
            byte[] one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _stop.Token) > 0)
            {
                head.Append((char)one[0]);
            }

            if (head.Length is 0)
            {
                return;
            }

            string[] lines = head.ToString().Split("\r\n");
            int length = lines.Where(static l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(static l => int.Parse(l[15..])).FirstOrDefault();
            byte[] body = new byte[length];
            await stream.ReadExactlyAsync(body, _stop.Token);
            Exchange exchange = new(stream, lines, Encoding.UTF8.GetString(body), _stop.Token);
            lock (Exchanges)
            {
                Exchanges.Add(exchange);
            }

            await _answer(exchange);
        }
    }

    internal sealed record Exchange(NetworkStream Stream, string[] Head, string Body, CancellationToken Stopped)
    {
        public string Path => Head[0].Split(' ')[1];

        public JsonElement Json => JsonDocument.Parse(Body).RootElement;

        public bool IsProbe => Body.Contains("\"max_tokens\":1,", StringComparison.Ordinal);

        public async Task WriteAsync(string text)
        {
            await Stream.WriteAsync(Encoding.UTF8.GetBytes(text), Stopped);
            await Stream.FlushAsync(Stopped);
        }

        public async Task HangAsync()
        {
            try
            {
                _ = await Stream.ReadAsync(new byte[1], Stopped); // until the other side leaves
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
            }
        }
    }
}
