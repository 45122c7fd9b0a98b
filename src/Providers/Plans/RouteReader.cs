using Providers.Canary;
using Providers.Selection;
using Providers.Timing;

namespace Providers.Plans;

/// <summary>Turns route options into route plans, and makes the routes nobody has to write: one per provider, per model, and for all.</summary>
internal sealed class RouteReader(CompositeOptions options, IReadOnlyList<ProviderState> providers, ConfigurationErrors errors, Clock clock, Dice dice)
{
    private const string Implicit = "default";
    private static readonly RouteOptions Plain = new();

    public List<RoutePlan> ReadRoutes()
    {
        if (options.Routes.Count == 0)
        {
            return [Make(Implicit, Plain, [.. providers.Select(static p => new TargetOptions { Provider = p.Name })])];
        }

        List<RoutePlan> routes = [];
        foreach ((string name, RouteOptions route) in options.Routes)
        {
            List<TargetOptions> targets = [];
            Collect(name, [], targets);
            if (targets.Count == 0)
            {
                errors.Add($"Routes:{name}:Targets", "is empty; name at least one provider.");
            }

            routes.Add(Make(name, route, targets));
        }

        CheckNames(routes);
        return routes;
    }

    public RoutePlan DefaultOf(List<RoutePlan> routes)
    {
        if (options.DefaultRoute is { } wanted)
        {
            if (routes.Find(r => r.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)) is { } named)
            {
                return named;
            }

            errors.Add("DefaultRoute", $"is '{wanted}', which is no route. Routes are: {string.Join(", ", routes.Select(static r => r.Name))}.");
        }

        return routes.Find(static r => r.Name.Equals(Implicit, StringComparison.OrdinalIgnoreCase)) ?? routes[0];
    }

    /// <summary>Adds what a request may name beside the routes: aliases, providers, their models, and models wherever they are served.</summary>
    public void AddNames(List<RoutePlan> routes, Dictionary<string, RoutePlan> names, Dictionary<string, RoutePlan> open)
    {
        foreach (RoutePlan route in routes)
        {
            names.TryAdd(route.Name, route);
        }

        foreach (RoutePlan route in routes)
        {
            foreach (string alias in options.Routes.TryGetValue(route.Name, out RouteOptions? written) ? written.Aliases : [])
            {
                names.TryAdd(alias, route);
            }
        }

        foreach (ProviderState provider in providers)
        {
            RoutePlan own = Make(provider.Name, Plain, [new TargetOptions { Provider = provider.Name }]);
            names.TryAdd(provider.Name, own);
            open.Add(provider.Name, Make(provider.Name, Plain, [new TargetOptions { Provider = provider.Name }], pinned: false));
            foreach (ModelDescriptor model in provider.Provider.Descriptor.Models)
            {
                names.TryAdd($"{provider.Name}/{model.Id}", Make($"{provider.Name}/{model.Id}", Plain, [new TargetOptions { Provider = provider.Name, Model = model.Id }]));
            }
        }

        foreach (string model in providers.SelectMany(static p => p.Provider.Descriptor.Models).Select(static m => m.Id).Distinct(StringComparer.Ordinal))
        {
            names.TryAdd(model, Make(model, Plain, [.. providers
                .Where(p => p.Provider.Descriptor.Models.Any(m => m.Id == model))
                .Select(p => new TargetOptions { Provider = p.Name, Model = model })]));
        }
    }

    /// <summary>Makes the part of a route that serves whatever model is named; <see langword="null"/> when every target is pinned.</summary>
    public RoutePlan? UnpinnedOf(RoutePlan route)
    {
        TargetPlan[] unpinned = Array.FindAll(route.Targets, static t => t.ModelId is null && t.Provider.Provider.Descriptor.Models.Count == 0 && !t.IsCanary);
        return unpinned.Length == 0 ? null
            : unpinned.Length == route.Targets.Length ? route
            : Make(route.Name, OptionsOf(route.Name), [.. unpinned.Select(static t => new TargetOptions { Provider = t.Provider.Name, Weight = t.Weight, Gate = t.Gate, ConfigureOptions = t.Configure })]);
    }

    private RouteOptions OptionsOf(string name) => options.Routes.TryGetValue(name, out RouteOptions? written) ? written : Plain;

    private void Collect(string name, List<string> path, List<TargetOptions> targets)
    {
        if (path.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add($"Routes:{path[0]}:Fallback", $"runs in a circle: {string.Join(" -> ", path.Append(name))}.");
            return;
        }

        path.Add(name);
        RouteOptions route = options.Routes[name];
        foreach (TargetOptions target in route.Targets)
        {
            if (target.Canary is not null && path.Count > 1)
            {
                continue; // what is on trial serves its own route only
            }

            bool twice = targets.Exists(t => t.Provider.Equals(target.Provider, StringComparison.OrdinalIgnoreCase) && t.Model == target.Model);
            if (!twice)
            {
                targets.Add(target);
            }
            else if (path.Count == 1)
            {
                errors.Add($"Routes:{name}:Targets", $"names '{target.Provider}{(target.Model is null ? "" : "/" + target.Model)}' twice.");
            }
        }

        foreach (string next in route.Fallback)
        {
            if (options.Routes.ContainsKey(next))
            {
                Collect(next, path, targets);
            }
            else
            {
                errors.Add($"Routes:{name}:Fallback", $"names '{next}', which is no route.");
            }
        }

        path.RemoveAt(path.Count - 1);
    }

    private RoutePlan Make(string name, RouteOptions route, List<TargetOptions> targets, bool pinned = true)
    {
        List<TargetPlan> plans = [];
        for (int i = 0; i < targets.Count; i++)
        {
            if (MakeTarget($"Routes:{name}:Targets:{i}", route, targets[i], pinned) is { } plan)
            {
                plans.Add(plan);
            }
        }

        return new RoutePlan(
            name, [.. plans], SelectionPolicies.Create(route.Policy, dice), route,
            new TimeoutPlan(clock, route.Timeouts, options.Timeouts), route.Recovery ?? options.Streams.Recovery);
    }

    private TargetPlan? MakeTarget(string key, RouteOptions route, TargetOptions target, bool pinned)
    {
        if (providers.FirstOrDefault(p => p.Name.Equals(target.Provider, StringComparison.OrdinalIgnoreCase)) is not { } provider)
        {
            errors.Add($"{key}:Provider", $"is '{target.Provider}', which is no provider. Providers are: {string.Join(", ", providers.Select(static p => p.Name))}.");
            return null;
        }

        ProviderDescriptor descriptor = provider.Provider.Descriptor;
        ModelDescriptor? model = target.Model is null
            ? pinned && descriptor.Models is [var first, ..] ? first : null
            : descriptor.Models.FirstOrDefault(m => m.Id == target.Model);
        if (target.Model is not null && model is null && descriptor.Models.Count > 0)
        {
            errors.Add($"{key}:Model", $"is '{target.Model}', which provider '{provider.Name}' does not declare. It declares: {string.Join(", ", descriptor.Models.Select(static m => m.Id))}.");
        }

        if (model is { Capabilities: not ModelCapabilities.None and var has } && (has & route.Capabilities) != route.Capabilities)
        {
            errors.Add(key, $"('{provider.Name}/{model.Id}') lacks {route.Capabilities & ~has}, which the route needs.");
        }

        options.Providers.TryGetValue(provider.Name, out ProviderOptions? own);
        return new TargetPlan(
            provider, model, target.Model ?? model?.Id, target, own?.Local ?? descriptor.IsLocal,
            new TimeoutPlan(clock, own?.Timeouts, route.Timeouts, options.Timeouts),
            target.Canary is null ? null : new CanaryPlan(target.Canary, clock));
    }

    private void CheckNames(List<RoutePlan> routes)
    {
        HashSet<string> taken = new(routes.Select(static r => r.Name), StringComparer.OrdinalIgnoreCase);
        foreach ((string name, RouteOptions route) in options.Routes)
        {
            foreach (string alias in route.Aliases)
            {
                if (!taken.Add(alias))
                {
                    errors.Add($"Routes:{name}:Aliases", $"holds '{alias}', which another route already has as name or alias.");
                }
            }
        }
    }
}
