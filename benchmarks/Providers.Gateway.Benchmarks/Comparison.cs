using System.Net;
using System.Net.Sockets;

namespace Providers.Gateway.Benchmarks;

/// <summary>The same load straight to the upstream, through our gateway, and through Portkey's, in one run.</summary>
internal static class Comparison
{
    private static readonly int[] s_connections = [1, 16, 64];

    public static async Task<int> RunAsync(string json, string results, string peers, double seconds)
    {
        string self = Environment.ProcessPath!;
        (Child upstream, Uri direct) = await Child.StartAsync(self, ["upstream"]);
        using (upstream)
        {
            (Child gateway, Uri ours) = await Child.StartAsync(self, ["gateway", direct.ToString().TrimEnd('/')]);
            using (gateway)
            {
                int port = FreePort();
                (Child node, Uri theirs) = await Child.StartAsync("node", ["node_modules/@portkey-ai/gateway/build/start-server.js", $"--port={port}", "--headless"], port, peers);
                using (node)
                {
                    List<Row> rows = await MeasureAsync(direct, ours, gateway.Key!, theirs, seconds);
                    return Report.Write(rows, json, results);
                }
            }
        }
    }

    private static async Task<List<Row>> MeasureAsync(Uri direct, Uri ours, string key, Uri theirs, double seconds)
    {
        const string Plain = "Authorization: Bearer upstream-key\r\n";
        string own = $"Authorization: Bearer {key}\r\n";
        string portkey = $"{Plain}x-portkey-provider: openai\r\nx-portkey-custom-host: {direct.ToString().TrimEnd('/')}/v1\r\n";
        foreach (bool stream in (bool[])[false, true])
        {
            // Each is warm before anything counts: ours compiles its hot path, node's optimises its.
            await Load.RunAsync(direct, Plain, stream, 16, 1);
            await Load.RunAsync(ours, own, stream, 16, 6);
            await Load.RunAsync(theirs, portkey, stream, 16, 6);
        }

        List<Row> rows = [];
        foreach (bool stream in (bool[])[false, true])
        {
            foreach (int connections in s_connections)
            {
                rows.Add(new Row(stream, connections,
                    await Load.RunAsync(direct, Plain, stream, connections, seconds),
                    await Load.RunAsync(ours, own, stream, connections, seconds),
                    await Load.RunAsync(theirs, portkey, stream, connections, seconds)));
            }
        }

        return rows;
    }

    private static int FreePort()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}

internal sealed record Row(bool Stream, int Connections, Measurement Direct, Measurement Ours, Measurement Theirs)
{
    public string Kind => Stream ? "stream" : "json";

    public double OursAdded => Ours.P50 - Direct.P50;

    public double TheirsAdded => Theirs.P50 - Direct.P50;
}
