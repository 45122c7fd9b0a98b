using Providers.AspNetCore.Admin;

namespace Providers.AspNetCore.Status;

/// <summary>Everything the status page shows, at one moment.</summary>
internal sealed record StatusView(DateTimeOffset Now, string State, bool Open, int InFlight, TrafficView Traffic)
{
    public IReadOnlyList<ProviderView> Providers { get; init; } = [];

    public IReadOnlyList<RouteView> Routes { get; init; } = [];

    public MemorySizeView? Memory { get; init; }

    public IReadOnlyList<IncidentView> Incidents { get; init; } = [];
}

/// <summary>The last minutes in slots, oldest first.</summary>
internal sealed record TrafficView(int SlotSeconds, IReadOnlyList<long> Requests, IReadOnlyList<long> Errors, IReadOnlyList<long> Failovers, IReadOnlyList<double> P50Ms, IReadOnlyList<double> P95Ms);

/// <summary>What the memory holds in all scopes.</summary>
internal sealed record MemorySizeView(long Count, long TextBytes, int Scopes);

/// <summary>Something that happened to a provider.</summary>
internal sealed record IncidentView(DateTimeOffset At, string Severity, string Text);
