using Providers.Plans;

namespace Providers.Routing;

/// <summary>Finds the route a request names: a route, an alias, <c>provider/model</c>, or a model.</summary>
internal static class RouteTable
{
    /// <param name="model">The model to ask for where the route's targets are not pinned to one.</param>
    /// <exception cref="ProviderException">Nothing has that name.</exception>
    public static RoutePlan Find(CompositePlan plan, string? name, out string? model)
    {
        model = null;
        if (name is null)
        {
            return plan.DefaultRoute;
        }

        if (plan.Names.TryGetValue(name, out RoutePlan? route))
        {
            return route;
        }

        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && plan.OpenProviders.TryGetValue(name[..slash], out RoutePlan? open))
        {
            model = name[(slash + 1)..];
            return open;
        }

        if (plan.Unpinned is { } unpinned)
        {
            model = name;
            return unpinned;
        }

        string known = string.Join(", ", plan.Names.Keys.Order(StringComparer.Ordinal).Take(20));
        throw new ProviderException(new ProviderFailure(
            FailureKind.ModelMissing,
            $"There is no route, provider/model or model named '{name}'. Known are: {known}. Name one of them in ModelId, or leave it null for the default route '{plan.DefaultRoute.Name}'."));
    }
}
