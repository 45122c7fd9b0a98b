namespace Providers.OpenAI;

/// <summary>Asks a server how it is, for free: by its health path where it has one, else by its list of models.</summary>
internal sealed class HealthProbe(OpenAIPlan plan, JsonHttp http)
{
    public async ValueTask<ProviderHealthReport> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (plan.Traits.HealthPath is { } path)
            {
                await http.GetAsync(AtRoot(path), cancellationToken).ConfigureAwait(false);
            }

            return plan.Traits.HealthPath is not null && plan.Models.Count == 0
                ? new ProviderHealthReport(ProviderHealth.Healthy)
                : await CompareAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ProviderException e)
        {
            return Report(e.Failure);
        }
    }

    /// <summary>A server that lists models is well; one that does not list what the host declared may answer with another one.</summary>
    private async ValueTask<ProviderHealthReport> CompareAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string>? served = await http.ListModelsAsync(cancellationToken).ConfigureAwait(false);
        if (served is null)
        {
            return new ProviderHealthReport(ProviderHealth.Healthy, "The server is alive; it sent no list of models.");
        }

        string[] missing = plan.Traits.ListsWhatItServes ? [.. plan.Models.Select(static m => m.Id).Where(id => !served.Contains(id, StringComparer.Ordinal))] : [];
        return missing.Length == 0
            ? new ProviderHealthReport(ProviderHealth.Healthy)
            : new ProviderHealthReport(ProviderHealth.Degraded,
                $"The server does not list {string.Join(", ", missing.Take(5))}{(plan.Traits.IgnoresModelName ? "; it may answer with another model" : "")}. It has {string.Join(", ", served.Take(5))}{(served.Count > 5 ? ", ..." : served.Count == 0 ? "none" : "")}.");
    }

    private static ProviderHealthReport Report(ProviderFailure failure) => failure.Kind switch
    {
        FailureKind.ModelLoading => new ProviderHealthReport(ProviderHealth.Degraded, "The server is loading its model."),
        FailureKind.RateLimited => new ProviderHealthReport(ProviderHealth.Degraded, "The server is alive but refuses requests because there are too many."),
        FailureKind.AuthFailed => new ProviderHealthReport(ProviderHealth.Unhealthy, $"The server refused the key ({failure.Status}); check ApiKey."),
        FailureKind.BadRequest when failure.Status is 404 or 405 =>
            new ProviderHealthReport(ProviderHealth.Degraded, "The server is alive but has no list of models; the endpoint usually ends with /v1."),
        _ => new ProviderHealthReport(ProviderHealth.Unhealthy, failure.Message),
    };

    // http://host:8000/v1/ -> http://host:8000/health: the paths of health checks stand beside /v1.
    private Uri AtRoot(string path)
    {
        string below = plan.Endpoint.AbsolutePath;
        string root = below.EndsWith("/v1/", StringComparison.Ordinal) ? below[..^"v1/".Length] : below;
        return new UriBuilder(plan.Endpoint) { Path = root + path }.Uri;
    }
}
