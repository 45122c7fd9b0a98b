using System.Globalization;
using System.Text;
using Providers.Testing.Faults;
using Providers.Testing.Sockets;

namespace Providers.Testing.Wires;

/// <summary>One request and the answer being written to it, byte for byte.</summary>
internal sealed class WireExchange(WireConnection connection, WireRequest request, LoggedRequest log, ModelServerOptions options, CancellationToken token)
{
    private readonly long _before = connection.BytesSent;
    private Framing _framing;

    public WireRequest Request => request;

    public LoggedRequest Log => log;

    public Fault Fault => log.Fault;

    public ModelServerOptions Options => options;

    /// <summary>Gets a token that ends when the client leaves or the server stops.</summary>
    public CancellationToken Token => token;

    public bool Http10 { get; init; }

    public bool KeepAlive { get; private set; } = request.KeepsAlive;

    public Task DelayAsync(TimeSpan delay) => delay == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(delay, options.Clock, token);

    public Task HangAsync() => DelayAsync(Timeout.InfiniteTimeSpan);

    public Task HeadersAsync(int status, string? contentType, Framing framing, int length = 0, params IEnumerable<(string Name, string Value)> extra)
    {
        _framing = framing is Framing.Chunked && (Http10 || request.Version == "HTTP/1.0") ? Framing.Close : framing;
        KeepAlive &= !Http10 && _framing is not Framing.Close;
        log.Status = status;
        StringBuilder head = new();
        head.Append(Http10 ? "HTTP/1.0 " : "HTTP/1.1 ").Append(status).Append(' ').Append(StatusText.Of(status)).Append("\r\n");
        if (contentType is not null)
        {
            head.Append("Content-Type: ").Append(contentType).Append("\r\n");
        }

        head.Append(_framing switch
        {
            Framing.Chunked => "Transfer-Encoding: chunked\r\n",
            Framing.Length => string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n"),
            Framing.Close when !Http10 => "Connection: close\r\n",
            _ => "",
        });
        foreach ((string name, string value) in extra)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return RawAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()));
    }

    public Task BodyAsync(string text) => BodyAsync(Encoding.UTF8.GetBytes(text));

    public Task BodyAsync(byte[] bytes) => _framing is Framing.Chunked
        ? RawAsync([.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, .. "\r\n"u8])
        : RawAsync(bytes);

    public Task EndAsync() => _framing is Framing.Chunked ? RawAsync("0\r\n\r\n"u8.ToArray()) : Task.CompletedTask;

    /// <summary>Answers with a whole body; HTTP/1.0 servers end it by closing. An answer to HEAD is the headers alone.</summary>
    public async Task SendAsync(int status, string contentType, string body, params IEnumerable<(string Name, string Value)> extra)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        await HeadersAsync(status, contentType, Http10 ? Framing.Close : Framing.Length, bytes.Length, extra).ConfigureAwait(false);
        if (request.Method != "HEAD")
        {
            await RawAsync(bytes).ConfigureAwait(false);
        }
    }

    public async Task RawAsync(byte[] bytes)
    {
        if (Fault.Kind is FaultKind.CutBytes)
        {
            long left = Fault.Count - (connection.BytesSent - _before);
            if (left <= bytes.Length)
            {
                await connection.WriteAsync(bytes.AsMemory(0, (int)Math.Max(0, left)), token).ConfigureAwait(false);
                throw new CutException(reset: false);
            }
        }

        await connection.WriteAsync(bytes, token).ConfigureAwait(false);
    }
}
