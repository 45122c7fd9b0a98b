using System.Globalization;
using Providers.Gateway.Benchmarks;

// One program, several processes: the upstream, our gateway and the load each have their own, as they would have in life.
return args switch
{
    ["upstream"] => await Upstream.RunAsync(),
    ["gateway", string upstream] => await OurGateway.RunAsync(upstream),
    ["measure", "json" or "stream", string file, string peers, string seconds] => await Comparison.RunAsync(file, args[1] == "stream", peers, double.Parse(seconds, CultureInfo.InvariantCulture)),
    ["load", "json" or "stream", string url, string key, string connections, string seconds] => await LoadAsync(url, key, args[1] == "stream", int.Parse(connections, CultureInfo.InvariantCulture), double.Parse(seconds, CultureInfo.InvariantCulture)),
    ["report", string json, string results, .. string[] files] => Report.Write(files, json, results),
    _ => Usage(),
};

// Load alone, for a profiler beside the gateway.
static async Task<int> LoadAsync(string url, string key, bool stream, int connections, double seconds)
{
    Console.WriteLine(await Load.RunAsync(new Target(new Uri(url), $"Authorization: Bearer {key}\r\n", null), stream, connections, seconds));
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("usage: Providers.Gateway.Benchmarks measure json|stream FILE PEERS SECONDS | report JSON RESULTS FILE... | upstream | gateway URL | load json|stream URL KEY CONNECTIONS SECONDS");
    return 2;
}
