using System.Net.Sockets;
using Providers.Testing.Faults;
using Providers.Testing.Logs;
using Providers.Testing.Servers;
using Providers.Testing.Sockets;
using Providers.Testing.Wires;

namespace Providers.Testing;

/// <summary>A model server on a free loopback port that fails on cue and logs every request. Safe for concurrent use.</summary>
public abstract class ModelServer : IAsyncDisposable
{
    private readonly RequestLog _log;
    private readonly SocketServer _server;
    private readonly LoadGate _load;

    private protected ModelServer(ModelServerOptions? options)
    {
        Options = options ?? new ModelServerOptions();
        _log = new RequestLog(Options.Clock);
        _load = new LoadGate(Options.Clock);
        _server = new SocketServer(ServeAsync);
        Endpoint = new Uri($"http://127.0.0.1:{_server.Port}/");
    }

    /// <summary>Gets where the server listens, <c>http://127.0.0.1:port/</c>.</summary>
    public Uri Endpoint { get; }

    /// <summary>Gets what the server answers.</summary>
    public ModelServerOptions Options { get; }

    /// <summary>Gets what goes wrong.</summary>
    public FaultScript Faults { get; } = new();

    /// <summary>Gets every request so far, in order of arrival, probes and lists included.</summary>
    public IReadOnlyList<LoggedRequest> Requests => _log.Snapshot();

    /// <summary>Gets a value indicating whether the server speaks HTTP/1.0.</summary>
    private protected virtual bool Http10 => false;

    /// <summary>Waits until that many requests have arrived.</summary>
    /// <param name="count">How many, since the start.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when they have.</returns>
    public Task WaitForRequestsAsync(int count, CancellationToken cancellationToken = default) => _log.WhenAsync(count, cancellationToken);

    /// <summary>Refuses connections from now on, as a dead process does; the port stays reserved.</summary>
    /// <param name="cutConnections">Whether open connections are reset; else open streams go on, idle connections too.</param>
    public void Stop(bool cutConnections = true) => _server.Stop(cutConnections);

    /// <summary>Accepts connections again, on the same port.</summary>
    public void Start() => _server.Start();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private protected abstract bool IsInference(string path);

    private protected abstract Task AnswerAsync(WireExchange exchange);

    private protected abstract Task SendErrorAsync(WireExchange exchange, ErrorReply error);

    private async Task ServeAsync(Socket socket, CancellationToken stop)
    {
        using WireConnection connection = new(socket);
        bool alive = true;
        while (alive && await connection.ReadRequestAsync(stop).ConfigureAwait(false) is { } request)
        {
            LoggedRequest log = _log.Add(request.Path, request.Model, request.Text, request.Headers);
            alive = await WatchedAnswer.GiveAsync(connection, _log, log, left => AnswerAsync(connection, request, log, left), stop).ConfigureAwait(false);
        }
    }

    private async Task<bool> AnswerAsync(WireConnection connection, WireRequest request, LoggedRequest log, CancellationToken left)
    {
        try
        {
            log.Fault = Faults.Next(request.Path, request.Model, request.Method == "POST" && IsInference(request.Path));
            WireExchange exchange = new(connection, request, log, Options, left) { Http10 = Http10 };
            await MeetAsync(exchange).ConfigureAwait(false);
            if (!exchange.KeepAlive)
            {
                connection.FinishSending(); // at once, before a client can take the connection for a kept one
            }

            return exchange.KeepAlive;
        }
        catch (CutException cut)
        {
            if (cut.Reset)
            {
                connection.Reset();
            }

            return false;
        }
    }

    private async Task MeetAsync(WireExchange exchange)
    {
        Fault fault = exchange.Fault;
        switch (fault.Kind)
        {
            case FaultKind.Refuse:
                GoDown(fault.Delay);
                throw new CutException(reset: true);
            case FaultKind.Reset or FaultKind.Drop:
                throw new CutException(reset: fault.Kind is FaultKind.Reset);
            case FaultKind.Status:
                await SendErrorAsync(exchange, ErrorReply.Of(fault)).ConfigureAwait(false);
                return;
            case FaultKind.Load:
                await _load.WaitAsync(fault.Delay, exchange.Token).ConfigureAwait(false);
                break;
            case FaultKind.DelayHeaders:
                await exchange.DelayAsync(fault.Delay).ConfigureAwait(false);
                break;
            default:
                if (await Junk.TrySendAsync(exchange).ConfigureAwait(false))
                {
                    return;
                }

                break;
        }

        await AnswerAsync(exchange).ConfigureAwait(false);
    }

    internal void GoDown(TimeSpan duration)
    {
        _server.Stop(cutConnections: false);
        // Armed before the client learns of it, since the client may then move the clock; and up again when the clock has moved, not a moment later.
        _ = Task.Delay(duration, Options.Clock).ContinueWith(_ => _server.Start(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _server.CutConnections();
    }
}
