using System.Globalization;
using System.Text;
using Providers.Timing;

namespace Providers.Plans;

/// <summary>Writes the effective policy for people: what will be asked, in which order, within which deadlines, and what looks odd.</summary>
internal static class PlanReport
{
    public static string Write(CompositePlan plan, Clock clock)
    {
        StringBuilder text = new();
        CultureInfo culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"Composite of {plan.Providers.Count} providers and {plan.Routes.Count} routes; default route '{plan.DefaultRoute.Name}'.");
        foreach (ProviderState provider in plan.Providers)
        {
            ProviderDescriptor descriptor = provider.Provider.Descriptor;
            text.AppendLine().Append(culture, $"  provider {descriptor.Name}: {descriptor.Kind}, {descriptor.Endpoint?.ToString() ?? "in process"}");
            text.Append(descriptor.IsLocal ? ", local" : ", remote").Append(descriptor.LoadsOnDemand ? ", loads on demand" : "");
            text.Append(Limits(plan.Options.Providers.TryGetValue(descriptor.Name, out ProviderOptions? own) ? own : null));
        }

        foreach (RoutePlan route in plan.Routes)
        {
            text.AppendLine().Append(culture, $"  route {route.Name}: {route.Policy.Kind}{(route.LocalOnly ? ", local only" : "")}: ");
            text.AppendJoin(" -> ", route.Targets.Select(static t => t.ModelId is null ? t.Provider.Name : $"{t.Provider.Name}/{t.ModelId}"));
            text.AppendLine().Append(culture, $"    within {Span(route.Timeouts.Total, clock)} in all, {Span(route.Timeouts.Attempt, clock)} an attempt, {Span(route.Timeouts.FirstContent, clock)} to the first content, {Span(route.Timeouts.Gap, clock)} between two updates");
            text.Append(route.Recovery is StreamRecovery.Continue ? ", broken streams are continued" : "").Append(route.Hedging is null ? "" : ", hedged");
            foreach (string warning in Warnings(route))
            {
                text.AppendLine().Append(culture, $"    note: {warning}");
            }
        }

        RetryOptions retry = plan.Options.Retry;
        CircuitOptions circuit = plan.Options.Circuit;
        text.AppendLine().Append(culture, $"  retries: {retry.MaxRetries} a request, for {retry.BudgetRatio:P0} of the requests under way; circuits: open on {circuit.ConsecutiveFailures} failures in a row or {circuit.FailureRatio:P0} of {circuit.MinimumThroughput} within {circuit.SamplingDuration.TotalSeconds:0.###} s, for {circuit.BreakDuration.TotalSeconds:0.###} s");
        return text.ToString();
    }

    private static string Span(long units, Clock clock) => string.Create(CultureInfo.InvariantCulture, $"{clock.Span(units).TotalSeconds:0.###} s");

    private static string Limits(ProviderOptions? own) => own is null ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"{Limit(own.MaxConcurrency, "at once")}{Limit(own.RequestsPerMinute, "requests a minute")}{Limit(own.TokensPerMinute, "tokens a minute")}");

    private static string Limit(int? most, string what) => most is { } number ? string.Create(CultureInfo.InvariantCulture, $", {number} {what}") : "";

    private static IEnumerable<string> Warnings(RoutePlan route)
    {
        if (route.Targets.Length == 1)
        {
            yield return "one target: nothing takes over when it fails.";
        }

        if (route.LocalOnly && Array.TrueForAll(route.Targets, static t => !t.IsLocal))
        {
            yield return "local only, but no target is local: every request will be refused.";
        }

        int spaces = route.Targets.Where(static t => t.Model?.Capabilities.HasFlag(ModelCapabilities.Embeddings) is true)
            .Select(static t => t.VectorSpace).Distinct(StringComparer.Ordinal).Count();
        if (spaces > 1)
        {
            yield return $"{spaces} vector spaces: embeddings use the first target's only.";
        }
    }
}
