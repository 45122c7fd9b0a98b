using System.Diagnostics.Metrics;

namespace Providers.AspNetCore.Pipeline;

/// <summary>What the door counts. Every label has a handful of values.</summary>
internal static class GatewayMetrics
{
    private static readonly Meter s_meter = new("Providers");
    private static readonly Counter<long> s_refused = s_meter.CreateCounter<long>("gateway.requests.refused", "{request}", "Requests refused at the door, by code.");
    private static readonly Counter<long> s_unauthenticated = s_meter.CreateCounter<long>("gateway.auth.failures", "{request}", "Requests without valid credentials, by reason.");
    private static readonly Counter<long> s_interrupted = s_meter.CreateCounter<long>("gateway.streams.interrupted", "{stream}", "Streams that ended with an error event, by code.");

    public static void Refused(string code) => s_refused.Add(1, new KeyValuePair<string, object?>("code", code));

    public static void Unauthenticated(string reason) => s_unauthenticated.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public static void Interrupted(string code) => s_interrupted.Add(1, new KeyValuePair<string, object?>("code", code));
}
