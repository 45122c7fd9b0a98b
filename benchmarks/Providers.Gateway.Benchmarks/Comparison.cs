using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.Gateway.Benchmarks;

/// <summary>The same load straight to the upstream, through our gateway, and through Portkey's, in one run.</summary>
internal static class Comparison
{
    /// <summary>The targets are measured in turns, since a machine's speed is not the same from one second to the next.</summary>
    private const int Rounds = 4;

    private static readonly int[] s_connections = [1, 16, 64];

    /// <summary>Measures one kind of answer and keeps the rows in a file: a stage short enough for a machine that is quiet only for a while.</summary>
    public static async Task<int> RunAsync(string file, bool stream, string peers, double seconds)
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
                    const string Plain = "Authorization: Bearer upstream-key\r\n";
                    Target[] targets =
                    [
                        new(direct, Plain, upstream),
                        new(ours, $"Authorization: Bearer {gateway.Key}\r\n", gateway),
                        new(theirs, $"{Plain}x-portkey-provider: openai\r\nx-portkey-custom-host: {direct.ToString().TrimEnd('/')}/v1\r\n", node),
                    ];
                    List<Row> rows = await MeasureAsync(targets, stream, seconds);
                    await File.WriteAllTextAsync(file, JsonSerializer.Serialize(rows));
                    foreach (Row r in rows)
                    {
                        Console.WriteLine(FormattableString.Invariant($"{r.Kind} {r.Connections}: direct {r.Direct}, ours {r.Ours}, theirs {r.Theirs}: {r.Ours.PerSecond / r.Theirs.PerSecond:F2} x, added {r.OursAdded:F0} and {r.TheirsAdded:F0} us ({r.OursAdded / r.TheirsAdded:F3})"));
                    }

                    return 0;
                }
            }
        }
    }

    private static async Task<List<Row>> MeasureAsync(Target[] targets, bool stream, double seconds)
    {
        foreach (Target target in targets)
        {
            await WarmAsync(target, stream, target == targets[0] ? 2 : 12);
        }

        List<Row> rows = [];
        foreach (int connections in s_connections)
        {
            Sample[] seen = [.. targets.Select(static _ => new Sample())];
            for (int round = 0; round < Rounds; round++)
            {
                for (int i = 0; i < targets.Length; i++)
                {
                    await Load.RunAsync(seen[i], targets[i], stream, connections, seconds / Rounds);
                }
            }

            rows.Add(new Row(stream, connections, seen[0].Measured(), seen[1].Measured(), seen[2].Measured()));
        }

        return rows;
    }

    /// <summary>Each is warm before anything counts: ours compiles its hot path, node's optimises its, until a request costs no less than before.</summary>
    private static async Task WarmAsync(Target target, bool stream, int most)
    {
        double before = double.MaxValue;
        for (int round = 0; round < most; round++)
        {
            Measurement now = await Load.RunAsync(target, stream, round % 2 == 0 ? 16 : 1, 1.2);
            if (round % 2 == 1)
            {
                continue;
            }

            if (round >= 6 && now.Processor > before * 0.97)
            {
                return;
            }

            before = now.Processor;
        }
    }

    private static int FreePort()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}

/// <param name="Headers">What each request carries besides the usual.</param>
/// <param name="Process">The process that answers; <see langword="null"/>: somebody else started it.</param>
internal sealed record Target(Uri Address, string Headers, Child? Process);

internal sealed record Row(bool Stream, int Connections, Measurement Direct, Measurement Ours, Measurement Theirs)
{
    [JsonIgnore]
    public string Kind => Stream ? "stream" : "json";

    [JsonIgnore]
    public double OursAdded => Ours.P50 - Direct.P50;

    [JsonIgnore]
    public double TheirsAdded => Theirs.P50 - Direct.P50;
}
