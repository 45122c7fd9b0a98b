using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Providers.Testing.Sockets;

/// <summary>Accepts connections on a free loopback port; can refuse for a while and come back on the same port.</summary>
internal sealed class SocketServer : IAsyncDisposable
{
    private readonly Func<Socket, CancellationToken, Task> _serve;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly Lock _gate = new();
    private Socket _listener;
    private Task _accepting = Task.CompletedTask;
    private bool _listening;

    public SocketServer(Func<Socket, CancellationToken, Task> serve)
    {
        _serve = serve;
        _listener = Bind(0);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        Start();
    }

    public int Port { get; }

    public void Start()
    {
        lock (_gate)
        {
            if (_listening || _stop.IsCancellationRequested)
            {
                return;
            }

            _listening = true;
            _listener.Listen(512);
            _accepting = AcceptAsync(_listener);
        }
    }

    /// <summary>Refuses new connections; open ones are reset, or go on. The port stays ours: a bound socket that does not listen answers with RST.</summary>
    public void Stop(bool cutConnections)
    {
        lock (_gate)
        {
            if (_listening)
            {
                _listening = false;
                _listener.Close();
                _listener = Bind(Port);
            }
        }

        if (cutConnections)
        {
            CutConnections();
        }
    }

    /// <summary>Resets every open connection.</summary>
    public void CutConnections()
    {
        foreach (Socket socket in _connections.Keys)
        {
            Reset(socket);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _listening = false;
            _listener.Close();
        }

        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_connections.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It ended by itself in this moment.
        }
    }

    private static Socket Bind(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, port != 0);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                socket.NoDelay = true;
                TaskCompletionSource served = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _connections[socket] = served.Task;
                _ = ServeAsync(socket, served);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Closed by Stop or by disposal.
        }
    }

    private async Task ServeAsync(Socket socket, TaskCompletionSource served)
    {
        await Task.Yield();
        try
        {
            await _serve(socket, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or OperationCanceledException or FormatException)
        {
            // The other side left, or the server stops: both are ordinary ends here.
        }
        finally
        {
            socket.Dispose();
            _connections.TryRemove(socket, out _);
            served.SetResult();
        }
    }
}
