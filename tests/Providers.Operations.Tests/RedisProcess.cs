using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Providers.Operations.Tests;

/// <summary>A real Redis on a free loopback port that keeps nothing on disk; to be killed and started again on the same port.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private Process? _process;

    public int Port { get; } = Ports.Free();

    public static async Task<RedisProcess> StartAsync()
    {
        RedisProcess redis = new();
        await redis.StartAgainAsync();
        return redis;
    }

    /// <summary>Ends it as the kernel would: no farewell to clients, nothing written.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async Task StartAgainAsync()
    {
        _process = Tool.Start("redis-server", "--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no", "--daemonize", "no");
        while (!_process.HasExited)
        {
            try
            {
                if (await SendAsync("PING\r\n") == "+PONG")
                {
                    return;
                }
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                await Task.Delay(20); // not listening yet; it gives no other sign
            }
        }

        throw new InvalidOperationException($"redis-server ended at once: {await _process.StandardOutput.ReadToEndAsync()}");
    }

    /// <summary>The keys it holds.</summary>
    public async Task<string[]> KeysAsync()
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        using StreamReader reader = new(client.GetStream());
        await client.GetStream().WriteAsync("KEYS *\r\n"u8.ToArray());
        string[] keys = new string[int.Parse((await reader.ReadLineAsync())![1..], CultureInfo.InvariantCulture)];
        for (int i = 0; i < keys.Length; i++)
        {
            await reader.ReadLineAsync(); // the length of the key
            keys[i] = (await reader.ReadLineAsync())!;
        }

        return keys;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }
    }

    private async Task<string?> SendAsync(string command)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command));
        using StreamReader reader = new(client.GetStream());
        return await reader.ReadLineAsync();
    }
}
