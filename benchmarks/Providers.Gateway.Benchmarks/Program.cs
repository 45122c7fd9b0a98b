using Providers.Gateway.Benchmarks;

// One program, several processes: the upstream, our gateway and the load each have their own, as they would have in life.
return args switch
{
    ["upstream"] => await Upstream.RunAsync(),
    ["gateway", string upstream] => await OurGateway.RunAsync(upstream),
    [string json, string results, string peers, ..] => await Comparison.RunAsync(json, results, peers, args.Length > 3 ? double.Parse(args[3], System.Globalization.CultureInfo.InvariantCulture) : 2.5),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Providers.Gateway.Benchmarks JSON RESULTS PEERS [SECONDS] | upstream | gateway URL");
    return 2;
}
