namespace Providers.AspNetCore.Admin;

/// <summary>Shows the catalogue: providers as they are, and why a request would go where.</summary>
internal static class CatalogView
{
    public static ProviderView Of(ProviderStatus status) => new(
        status.Descriptor.Name, status.Descriptor.Kind, Word(status.Health), status.IsDraining, status.InFlight, [.. status.Targets.Select(Of)])
    {
        Endpoint = status.Descriptor.Endpoint?.ToString(),
        Local = status.Descriptor.IsLocal,
        HealthDetail = status.HealthDetail,
        Models = [.. status.Descriptor.Models.Select(static m => m.Id)],
    };

    public static TargetView Of(TargetStatus target) => new(target.Provider, target.Model, Word(target.Circuit), target.InFlight, target.Successes, target.Failures)
    {
        RetryAfterSeconds = target.RetryAfter is { } wait && wait != TimeSpan.MaxValue ? wait.TotalSeconds : null, // an isolated one waits for an operator, not for a time
        LatencyMs = target.Latency?.TotalMilliseconds,
        LastFailure = target.LastFailure?.ToString(),
    };

    public static RouteView Of(RouteStatus route, IReadOnlyList<ProviderStatus> providers)
    {
        RouteTargetView[] targets = [.. route.Targets.Select(t => Explain(t, providers.FirstOrDefault(p => p.Descriptor.Name == t.Provider)))];
        string? first = targets.FirstOrDefault(static t => t.Usable) is { } now ? now.Model is null ? now.Provider : $"{now.Provider}/{now.Model}" : null;
        return new RouteView(route.Name, route.Policy, route.IsDefault, first, targets)
        {
            Capabilities = route.Capabilities is ModelCapabilities.None ? [] : route.Capabilities.ToString().Split(", "),
            Canary = route.Canary is { } canary ? Of(canary) : null,
        };
    }

    private static CanaryView Of(CanaryStatus canary) => new(canary.Target, Word(canary.Phase), canary.Weight, canary.IsShadow, canary.PausedFor, canary.Evidence.ToString())
    {
        Decisions = [.. canary.Decisions.Reverse().Take(20).Select(static d => new CanaryDecisionView(d.At, Word(d.Action), d.Reason, d.FromWeight, d.ToWeight))],
    };

    /// <summary>Words are lower-case everywhere in the API.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static RouteTargetView Explain(TargetStatus target, ProviderStatus? provider)
    {
        (bool usable, string reason) = (provider, target) switch
        {
            ({ IsDraining: true }, _) => (false, "The provider is draining."),
            (_, { Circuit: CircuitState.Isolated }) => (false, "An operator isolated it."),
            (_, { Circuit: CircuitState.Open }) => (false, target.RetryAfter is { } wait ? $"Its circuit is open; the next try is in {wait.TotalSeconds:F1} s." : "Its circuit is open."),
            (_, { Circuit: CircuitState.HalfOpen }) => (true, "Its circuit is half open; one request at a time finds out."),
            ({ Health: ProviderHealth.Unhealthy }, _) => (false, $"The provider is unhealthy{(provider.HealthDetail is { } detail ? $": {detail}" : ".")}"),
            (_, { RetryAfter: { } pause }) => (false, $"It asked to be left alone for another {pause.TotalSeconds:F1} s."),
            ({ Health: ProviderHealth.Degraded }, _) => (true, "It answers, though something is amiss."),
            _ => (true, "It is ready."),
        };
        return new RouteTargetView(target.Provider, target.Model, usable, reason);
    }
}
