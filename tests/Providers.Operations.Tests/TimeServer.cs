using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Providers.Operations.Tests;

/// <summary>Tells the time by NTP (RFC 5905, mode 4) on a free loopback port, ahead of this machine's clock by as much as one likes.</summary>
internal sealed class TimeServer : IAsyncDisposable
{
    private static readonly DateTimeOffset s_era = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public TimeServer() => _loop = AnswerAsync();

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    public TimeSpan Ahead { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerAsync()
    {
        while (true)
        {
            UdpReceiveResult asked = await _socket.ReceiveAsync(_stop.Token);
            byte[] answer = new byte[48];
            answer[0] = 0x24; // no leap second, version 4, a server
            answer[1] = 1; // a reference clock of its own
            answer[3] = 0xEC; // precise to a microsecond
            "LOCL"u8.CopyTo(answer.AsSpan(12));
            Write(answer.AsSpan(16));
            asked.Buffer.AsSpan(40, 8).CopyTo(answer.AsSpan(24)); // what the client sent comes back, so that it knows its answer
            Write(answer.AsSpan(32));
            Write(answer.AsSpan(40));
            await _socket.SendAsync(answer, asked.RemoteEndPoint, _stop.Token);
        }
    }

    /// <summary>Seconds since 1900, and the fraction of one in units of 2^-32.</summary>
    private void Write(Span<byte> at)
    {
        TimeSpan since = TimeProvider.System.GetUtcNow() + Ahead - s_era;
        long seconds = (long)since.TotalSeconds;
        BinaryPrimitives.WriteUInt32BigEndian(at, (uint)seconds);
        BinaryPrimitives.WriteUInt32BigEndian(at[4..], (uint)((since.TotalSeconds - seconds) * uint.MaxValue));
    }
}
