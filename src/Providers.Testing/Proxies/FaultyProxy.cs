using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Providers.Testing.Faults;
using Providers.Testing.Sockets;

namespace Providers.Testing;

/// <summary>A TCP proxy on a free loopback port that spoils connections on their way to a server. Safe for concurrent use.</summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly TimeProvider _clock;
    private readonly SocketServer _server;
    private readonly ConcurrentQueue<ProxyFault> _next = new();
    private readonly Lock _gate = new();
    private SplitMix _random;
    private int _connections;

    private FaultyProxy(Uri target, int seed, TimeProvider clock)
    {
        _target = new IPEndPoint(IPAddress.Loopback, target.Port);
        _clock = clock;
        _random = new SplitMix((ulong)seed);
        Seed = seed;
        _server = new SocketServer(ServeAsync);
        Endpoint = new Uri($"http://127.0.0.1:{_server.Port}/");
    }

    /// <summary>Gets where the proxy listens, <c>http://127.0.0.1:port/</c>.</summary>
    public Uri Endpoint { get; }

    /// <summary>Gets the seed of the delays.</summary>
    public int Seed { get; }

    /// <summary>Gets the number of connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Gets or sets what connections meet that meet nothing enqueued.</summary>
    /// <value>Default: nothing, bytes pass as they come.</value>
    public ProxyFault Standing { get; set; } = ProxyFault.None;

    /// <summary>Starts a proxy.</summary>
    /// <param name="target">A server on this machine.</param>
    /// <param name="seed">Chooses the delays; print it when a test fails.</param>
    /// <param name="clock">The clock of the delays; <see langword="null"/> for the system's.</param>
    /// <returns>The listening proxy.</returns>
    public static Task<FaultyProxy> StartAsync(Uri target, int seed = 0, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Task.FromResult(new FaultyProxy(target, seed, clock ?? TimeProvider.System));
    }

    /// <summary>Lets the next connections meet these faults, one each.</summary>
    /// <param name="faults">The faults.</param>
    public void Enqueue(params IEnumerable<ProxyFault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        foreach (ProxyFault fault in faults)
        {
            _next.Enqueue(fault);
        }
    }

    /// <summary>Refuses connections from now on.</summary>
    /// <param name="cutConnections">Whether open connections are reset.</param>
    public void Stop(bool cutConnections = true) => _server.Stop(cutConnections);

    /// <summary>Accepts connections again, on the same port.</summary>
    public void Start() => _server.Start();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        Interlocked.Increment(ref _connections);
        ProxyFault fault = _next.TryDequeue(out ProxyFault? next) ? next : Standing;
        using Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await server.ConnectAsync(_target, stop).ConfigureAwait(false);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task up = PumpAsync(client, server, ProxyFault.None, end.Token);
        Task down = PumpAsync(server, client, fault, end.Token);
        if (await Task.WhenAny(up, down).ConfigureAwait(false) == up && up.IsCompletedSuccessfully)
        {
            await down.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // a client that has said all may still listen
        }

        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(up, down).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // one that reset its side is gone for the server too
    }

    private async Task PumpAsync(Socket from, Socket to, ProxyFault fault, CancellationToken token)
    {
        byte[] buffer = new byte[16_384];
        long left = fault.AfterBytes ?? long.MaxValue;
        while (true)
        {
            int read = await from.ReceiveAsync(buffer, SocketFlags.None, token).ConfigureAwait(false);
            TimeSpan delay = Draw(fault.MaxDelay);
            if (delay > TimeSpan.Zero)
            {
                await Task.Delay(delay, _clock, token).ConfigureAwait(false);
            }

            int passing = (int)Math.Min(left, read);
            for (int sent = 0; sent < passing;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, passing - sent), SocketFlags.None, token).ConfigureAwait(false);
            }

            left -= passing;
            if (left == 0 || read == 0)
            {
                await EndAsync(to, left == 0 ? fault.End : ProxyEnd.Close, token).ConfigureAwait(false);
                return;
            }
        }
    }

    private async Task EndAsync(Socket to, ProxyEnd end, CancellationToken token)
    {
        switch (end)
        {
            case ProxyEnd.Reset:
                to.LingerState = new LingerOption(true, 0);
                to.Close();
                break;
            case ProxyEnd.HalfOpen:
                await Task.Delay(Timeout.InfiniteTimeSpan, _clock, token).ConfigureAwait(false);
                break;
            default:
                to.Shutdown(SocketShutdown.Send);
                break;
        }
    }

    private TimeSpan Draw(TimeSpan max)
    {
        if (max == TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        lock (_gate)
        {
            return max * _random.NextDouble();
        }
    }
}
