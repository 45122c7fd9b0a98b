namespace Providers.Mlx;

/// <summary>How the server is doing: by its traffic while there is any, by a one-token request while there is none.</summary>
internal sealed class HealthCheck(MlxConnection connection, MlxPlan plan)
{
    public async ValueTask<ProviderHealthReport> RunAsync(CancellationToken cancellationToken)
    {
        MlxServerStatus? launched = connection.Status;
        if ((launched is null ? plan.BaseUrl : launched.Endpoint) is not { } endpoint)
        {
            return OfLaunched(launched!);
        }

        TimeSpan? quiet = connection.Activity.SinceLastByte;
        if (quiet < plan.ProbeTimeout)
        {
            return new ProviderHealthReport(ProviderHealth.Healthy, "Answers flow.");
        }

        int inFlight = connection.Activity.InFlight;
        if (inFlight > 0)
        {
            // A probe would only queue behind the requests under way; their own timers find out.
            string since = quiet is { } q ? $"{q.TotalSeconds:F0} s" : "their start";
            return new ProviderHealthReport(ProviderHealth.Degraded, $"{inFlight} requests are under way and nothing came since {since}.");
        }

        return OfProbe(await connection.Watch.AskAsync(endpoint, cancellationToken).ConfigureAwait(false));
    }

    private static ProviderHealthReport OfLaunched(MlxServerStatus status) => status.State switch
    {
        MlxServerState.Stopped => new(ProviderHealth.Unknown, "The server is not started; the first request starts it."),
        MlxServerState.Starting => new(ProviderHealth.Degraded, "The server loads its model."),
        _ => new(ProviderHealth.Unhealthy, status.LastError),
    };

    private ProviderHealthReport OfProbe(ProbeResult probe)
    {
        if (probe.Outcome is not ProbeOutcome.Failed)
        {
            return new(probe.IsAlive ? ProviderHealth.Healthy : ProviderHealth.Unhealthy, $"A one-token request found that {probe}.");
        }

        ProviderFailure failure = MlxErrorText.Classify(probe.Status, probe.Body ?? "");
        bool usable = failure.Kind is FailureKind.BadRequest or FailureKind.ModelMissing or FailureKind.ModelLoading or FailureKind.RateLimited;
        return new(usable ? ProviderHealth.Degraded : ProviderHealth.Unhealthy, $"{plan.Name} answered a one-token request with HTTP {probe.Status} ({failure.Kind}): {failure.Message}");
    }
}
