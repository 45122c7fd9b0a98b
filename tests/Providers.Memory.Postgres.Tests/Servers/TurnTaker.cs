using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Providers.Memory.Postgres.Tests;

/// <summary>
/// A way to a server with one session for all connections: PGlite takes message by message from whichever connection sends, so that pipelines of two mix. Here a connection
/// has its turn from its first message until the server is ready for the next query outside a transaction.
/// </summary>
internal sealed class TurnTaker : IAsyncDisposable
{
    private const int SslRequest = 80_877_103, GssRequest = 80_877_104;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly string _socket;
    private readonly Task _loop;

    public TurnTaker(string socket)
    {
        _socket = socket;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
        _turn.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> ways = [];
        try
        {
            while (true)
            {
                ways.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
                ways.RemoveAll(static w => w.IsCompleted);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(ways);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        await Task.Yield();
        using Socket server = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using NetworkStream from = new(client, ownsSocket: true);
        Turn turn = new(_turn);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(_socket), ended.Token);
            await using NetworkStream to = new(server);
            Task back = AnswersAsync(to, from, turn, ended.Token), forth = QuestionsAsync(from, to, turn, ended.Token);
            await Task.WhenAny(back, forth);
            await ended.CancelAsync();
            await Task.WhenAll(back, forth);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
        }
        finally
        {
            turn.End();
        }
    }

    private static async Task QuestionsAsync(NetworkStream from, NetworkStream to, Turn turn, CancellationToken stop)
    {
        byte[] head = new byte[8];
        while (true) // the start has no type
        {
            await from.ReadExactlyAsync(head, stop);
            if (BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4)) is not (SslRequest or GssRequest))
            {
                break;
            }

            await from.WriteAsync("N"u8.ToArray(), stop);
        }

        await turn.BeginAsync(stop);
        await to.WriteAsync(head, stop);
        await CopyAsync(from, to, BinaryPrimitives.ReadInt32BigEndian(head) - 8, stop);
        while (true)
        {
            await from.ReadExactlyAsync(head.AsMemory(0, 5), stop);
            if (head[0] == (byte)'X')
            {
                return;
            }

            await turn.BeginAsync(stop);
            await to.WriteAsync(head.AsMemory(0, 5), stop);
            await CopyAsync(from, to, BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4, stop);
        }
    }

    private static async Task AnswersAsync(NetworkStream from, NetworkStream to, Turn turn, CancellationToken stop)
    {
        byte[] head = new byte[6];
        while (true)
        {
            await from.ReadExactlyAsync(head.AsMemory(0, 5), stop);
            int length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4;
            if (head[0] == (byte)'Z')
            {
                await from.ReadExactlyAsync(head.AsMemory(5, 1), stop);
                if (head[5] == (byte)'I')
                {
                    turn.End(); // before the client knows, so that its next question begins a turn
                }

                await to.WriteAsync(head, stop);
                continue;
            }

            await to.WriteAsync(head.AsMemory(0, 5), stop);
            await CopyAsync(from, to, length, stop);
        }
    }

    private static async Task CopyAsync(NetworkStream from, NetworkStream to, int length, CancellationToken stop)
    {
        byte[] buffer = new byte[Math.Min(Math.Max(length, 1), 65_536)];
        for (int left = length; left > 0;)
        {
            int read = await from.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), stop);
            left -= read > 0 ? read : throw new IOException("The connection ended within a message.");
            await to.WriteAsync(buffer.AsMemory(0, read), stop);
        }
    }

    /// <summary>One connection's hold on the session.</summary>
    private sealed class Turn(SemaphoreSlim turn)
    {
        private int _held;

        public async ValueTask BeginAsync(CancellationToken stop)
        {
            if (Volatile.Read(ref _held) == 0)
            {
                await turn.WaitAsync(stop);
                Volatile.Write(ref _held, 1);
            }
        }

        public void End()
        {
            if (Interlocked.Exchange(ref _held, 0) == 1)
            {
                turn.Release();
            }
        }
    }
}
