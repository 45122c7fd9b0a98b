using System.Globalization;
using System.Text;

namespace Providers.Plans;

/// <summary>Writes the effective policy for people: what will be asked, in which order, within which deadlines, and what looks odd.</summary>
internal static class PlanReport
{
    public static string Write(CompositePlan plan)
    {
        StringBuilder text = new();
        CultureInfo culture = CultureInfo.InvariantCulture;
        text.Append(culture, $"Composite of {plan.Providers.Count} providers and {plan.Routes.Count} routes; default route '{plan.DefaultRoute.Name}'.");
        foreach (ProviderState provider in plan.Providers)
        {
            ProviderDescriptor descriptor = provider.Provider.Descriptor;
            text.AppendLine().Append(culture, $"  provider {descriptor.Name}: {descriptor.Kind}, {descriptor.Endpoint?.ToString() ?? "in process"}");
            text.Append(descriptor.IsLocal ? ", local" : ", remote").Append(descriptor.LoadsOnDemand ? ", loads on demand" : "");
        }

        foreach (RoutePlan route in plan.Routes)
        {
            text.AppendLine().Append(culture, $"  route {route.Name}: {route.Policy.Kind}{(route.LocalOnly ? ", local only" : "")}: ");
            text.AppendJoin(" -> ", route.Targets.Select(static t => t.ModelId is null ? t.Provider.Name : $"{t.Provider.Name}/{t.ModelId}"));
            foreach (string warning in Warnings(route))
            {
                text.AppendLine().Append(culture, $"    note: {warning}");
            }
        }

        return text.ToString();
    }

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
