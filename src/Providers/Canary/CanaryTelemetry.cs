using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Providers.Canary;

/// <summary>What the rollouts tell of themselves: outcomes and latencies by arm, and every decision.</summary>
internal sealed class CanaryTelemetry
{
    private static readonly string[] Actions = [.. Enum.GetNames<CanaryAction>().Select(static n => n.ToLowerInvariant())];
    private readonly ILogger _log;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _decisions;
    private readonly Histogram<double> _latency;

    public CanaryTelemetry(Meter meter, ILogger log)
    {
        _log = log;
        _requests = meter.CreateCounter<long>("canary.requests", "{request}", "First attempts of requests on a route with a canary, by arm and outcome.");
        _decisions = meter.CreateCounter<long>("canary.decisions", "{decision}", "Decisions about a canary, by action and reason.");
        _latency = meter.CreateHistogram("canary.latency", "s", "Time to the first content, or to the whole answer, by arm.", advice: Telemetry.Buckets.Operation);
    }

    public void Request(string route, bool canary, bool failed, double milliseconds)
    {
        string arm = canary ? "canary" : "stable";
        _requests.Add(1, new("route", route), new("arm", arm), new("outcome", failed ? "error" : "success"));
        if (!failed)
        {
            _latency.Record(milliseconds / 1000, new("route", route), new("arm", arm));
        }
    }

    public void Decided(string route, string target, CanaryVerdict verdict)
    {
        _decisions.Add(1, new("route", route), new("action", Actions[(int)verdict.Action]), new("reason", verdict.Reason));
        if (verdict.Action is CanaryAction.Rollback or CanaryAction.Abort)
        {
            _log.CanaryRolledBack(route, target, verdict.Reason, verdict.From, verdict.Evidence);
        }
        else
        {
            _log.CanaryDecided(route, target, verdict.Action, verdict.Reason, verdict.From, verdict.To, verdict.Evidence);
        }
    }
}
