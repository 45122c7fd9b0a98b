using System.Diagnostics;
using System.Globalization;

namespace Providers.Operations.Tests;

/// <summary>A real node exporter on a free loopback port, which tells of the disks of this machine, and of its clock by a time server of the test's.</summary>
internal sealed class NodeExporter : IAsyncDisposable
{
    private readonly Process _process;

    private NodeExporter(Process process, int port) => (_process, Address) = (process, new Uri($"http://127.0.0.1:{port}"));

    public Uri Address { get; }

    public static NodeExporter Start(TimeServer time)
    {
        int port = Ports.Free();
        return new NodeExporter(
            Tool.Start(
                "prometheus-node-exporter", $"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults", "--collector.filesystem", "--collector.timex",
                "--collector.ntp", "--collector.ntp.server=127.0.0.1", "--collector.ntp.server-is-local", $"--collector.ntp.server-port={time.Port.ToString(CultureInfo.InvariantCulture)}"),
            port);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
