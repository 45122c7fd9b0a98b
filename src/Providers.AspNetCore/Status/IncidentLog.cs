namespace Providers.AspNetCore.Status;

/// <summary>Notices what changed about the providers between two looks, and keeps the last fifty changes.</summary>
internal sealed class IncidentLog
{
    private const int Most = 50;

    private readonly Lock _lock = new();
    private readonly LinkedList<IncidentView> _incidents = new();
    private Dictionary<string, string> _known = [];

    public IReadOnlyList<IncidentView> Latest()
    {
        lock (_lock)
        {
            return [.. _incidents];
        }
    }

    public void Look(IReadOnlyList<ProviderStatus> providers, DateTimeOffset now)
    {
        Dictionary<string, string> seen = [];
        foreach (ProviderStatus provider in providers)
        {
            string name = provider.Descriptor.Name;
            seen[name] = provider.IsDraining ? "draining" : provider.Health is ProviderHealth.Unhealthy ? "unhealthy" : provider.Health is ProviderHealth.Degraded ? "degraded" : "well";
            foreach (TargetStatus target in provider.Targets)
            {
                seen[target.Model is null ? name + " " : $"{name}/{target.Model}"] = target.Circuit switch
                {
                    CircuitState.Open => target.LastFailure is { } kind ? $"circuit open after {kind}" : "circuit open",
                    CircuitState.Isolated => "isolated",
                    CircuitState.HalfOpen => "circuit half open",
                    _ => "well",
                };
            }
        }

        lock (_lock)
        {
            foreach ((string what, string state) in seen)
            {
                string before = _known.GetValueOrDefault(what, "well");
                if (before != state)
                {
                    Add(what.TrimEnd(), state, now);
                }
            }

            _known = seen;
        }
    }

    private void Add(string what, string state, DateTimeOffset now)
    {
        string severity = state switch { "well" => "good", "degraded" or "draining" or "circuit half open" => "warn", _ => "bad" };
        _incidents.AddFirst(new IncidentView(now, severity, state == "well" ? $"{what} is well again." : $"{what}: {state}."));
        if (_incidents.Count > Most)
        {
            _incidents.RemoveLast();
        }
    }
}
