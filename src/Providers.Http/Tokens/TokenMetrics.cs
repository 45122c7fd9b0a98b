using System.Diagnostics.Metrics;

namespace Providers.Http;

/// <summary>What is counted of access tokens for upstreams. Neither hosts nor clients are labels.</summary>
internal static class TokenMetrics
{
    private static readonly Meter s_meter = new("Providers");
    private static readonly Counter<long> s_refreshes = s_meter.CreateCounter<long>("token.refresh", "{fetch}", "Fetches of access tokens for upstreams, by result.");
    private static readonly KeyValuePair<string, object?> s_success = new("result", "success"), s_failure = new("result", "failure");

    public static void Fetched(bool success) => s_refreshes.Add(1, success ? s_success : s_failure);
}
