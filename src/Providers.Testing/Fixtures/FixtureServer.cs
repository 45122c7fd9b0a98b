using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Providers.Testing.Fixtures;
using Providers.Testing.Logs;
using Providers.Testing.Sockets;
using Providers.Testing.Wires;

namespace Providers.Testing;

/// <summary>Replays recorded exchanges byte for byte, whatever is asked, and says where requests differ from the recorded ones.</summary>
public sealed class FixtureServer : IAsyncDisposable
{
    private readonly IReadOnlyList<WireFixture> _fixtures;
    private readonly TimeProvider _clock;
    private readonly RequestLog _log;
    private readonly SocketServer _server;
    private readonly Lock _gate = new();
    private readonly List<string> _differences = [];

    private FixtureServer(IReadOnlyList<WireFixture> fixtures, TimeProvider clock)
    {
        _fixtures = fixtures;
        _clock = clock;
        _log = new RequestLog(clock);
        _server = new SocketServer(ServeAsync);
        Endpoint = new Uri($"http://127.0.0.1:{_server.Port}/");
    }

    /// <summary>Gets where the server listens, <c>http://127.0.0.1:port/</c>.</summary>
    public Uri Endpoint { get; }

    /// <summary>Gets every request so far.</summary>
    public IReadOnlyList<LoggedRequest> Requests => _log.Snapshot();

    /// <summary>Gets how requests differed from the recorded ones; empty when none did.</summary>
    public IReadOnlyList<string> Differences
    {
        get
        {
            lock (_gate)
            {
                return [.. _differences];
            }
        }
    }

    /// <summary>Starts a server with one exchange, which answers every request.</summary>
    /// <param name="fixture">The exchange.</param>
    /// <param name="clock">The clock of the pauses; <see langword="null"/> for the system's.</param>
    /// <returns>The listening server.</returns>
    public static Task<FixtureServer> StartAsync(WireFixture fixture, TimeProvider? clock = null) => StartAsync([fixture], clock);

    /// <summary>Starts a server with several exchanges: the first of the request's method and path answers; without one, 404.</summary>
    /// <param name="fixtures">The exchanges; one alone answers every request.</param>
    /// <param name="clock">The clock of the pauses; <see langword="null"/> for the system's.</param>
    /// <returns>The listening server.</returns>
    public static Task<FixtureServer> StartAsync(IReadOnlyList<WireFixture> fixtures, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(fixtures);
        return Task.FromResult(new FixtureServer(fixtures, clock ?? TimeProvider.System));
    }

    /// <summary>Waits until that many requests have arrived.</summary>
    /// <param name="count">How many, since the start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when they have.</returns>
    public Task WaitForRequestsAsync(int count, CancellationToken cancellationToken = default) => _log.WhenAsync(count, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(Socket socket, CancellationToken stop)
    {
        using WireConnection connection = new(socket);
        bool alive = true;
        while (alive && await connection.ReadRequestAsync(stop).ConfigureAwait(false) is { } request)
        {
            LoggedRequest log = _log.Add(request.Path, request.Model, request.Text, request.Headers);
            alive = await WatchedAnswer.GiveAsync(connection, _log, log, async left => await ReplayAsync(connection, request, log, left).ConfigureAwait(false) && request.KeepsAlive, stop).ConfigureAwait(false);
        }
    }

    private async Task<bool> ReplayAsync(WireConnection connection, WireRequest request, LoggedRequest log, CancellationToken token)
    {
        WireFixture? fixture = _fixtures.FirstOrDefault(f => f.Method == request.Method && f.Target == request.Target) ?? (_fixtures is [var only] ? only : null);
        if (fixture is null)
        {
            Note($"{request.Method} {request.Target} was sent; no fixture has it.");
            await connection.WriteAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), token).ConfigureAwait(false);
            return true;
        }

        if (fixture.Difference(request.Method, request.Target, request.Text) is { } difference)
        {
            Note($"{fixture}: {difference}");
        }

        FixtureResponse response = fixture.Response;
        if (response.StatusLine is null)
        {
            return response.End is FixtureEnd.Hang && await HangAsync(token).ConfigureAwait(false);
        }

        log.Status = response.Status;
        await connection.WriteAsync(Head(response), token).ConfigureAwait(false);
        foreach ((TimeSpan pause, byte[] bytes) in response.Chunks)
        {
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, _clock, token).ConfigureAwait(false);
            }

            byte[] framed = response.Framing is Framing.Chunked ? [.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, .. "\r\n"u8] : bytes;
            await connection.WriteAsync(framed, token).ConfigureAwait(false);
        }

        if (response.End is FixtureEnd.Ok)
        {
            await connection.WriteAsync(response.Framing is Framing.Chunked ? "0\r\n\r\n"u8.ToArray() : [], token).ConfigureAwait(false);
            log.Completed = true;
            return response.Framing is Framing.Chunked or Framing.Length && response.StatusLine.StartsWith("HTTP/1.1", StringComparison.Ordinal);
        }

        return response.End is FixtureEnd.Hang && await HangAsync(token).ConfigureAwait(false);
    }

    private static byte[] Head(FixtureResponse response)
    {
        List<string> lines = [response.StatusLine!, .. response.Headers];
        if (response.Framing is Framing.Length)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {response.Length}"));
        }
        else if (response.Framing is Framing.Chunked)
        {
            lines.Add("Transfer-Encoding: chunked");
        }

        return Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n");
    }

    private async Task<bool> HangAsync(CancellationToken token)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token).ConfigureAwait(false);
        return false;
    }

    private void Note(string difference)
    {
        lock (_gate)
        {
            _differences.Add(difference);
        }
    }
}
