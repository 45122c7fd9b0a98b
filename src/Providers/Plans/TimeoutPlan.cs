using Providers.Timing;

namespace Providers.Plans;

/// <summary>The deadlines of one target in timestamp units, the narrowest scope first.</summary>
internal sealed class TimeoutPlan
{
    public TimeoutPlan(Clock clock, params ReadOnlySpan<TimeoutOptions?> scopes)
    {
        Total = Pick(clock, scopes, static o => o.Total, TimeSpan.FromMinutes(10));
        Attempt = Pick(clock, scopes, static o => o.Attempt, TimeSpan.FromMinutes(5));
        FirstContent = Pick(clock, scopes, static o => o.FirstContent, TimeSpan.FromMinutes(1));
        Load = Pick(clock, scopes, static o => o.Load, TimeSpan.FromMinutes(5));
        KeepWarm = Pick(clock, scopes, static o => o.KeepWarm, TimeSpan.FromMinutes(5));
        Gap = Pick(clock, scopes, static o => o.Gap, TimeSpan.FromMinutes(1));
        Trailer = Pick(clock, scopes, static o => o.Trailer, TimeSpan.FromSeconds(1));
    }

    public long Total { get; }

    public long Attempt { get; }

    public long FirstContent { get; }

    public long Load { get; }

    public long KeepWarm { get; }

    public long Gap { get; }

    public long Trailer { get; }

    private static long Pick(Clock clock, ReadOnlySpan<TimeoutOptions?> scopes, Func<TimeoutOptions, TimeSpan?> read, TimeSpan fallback)
    {
        foreach (TimeoutOptions? scope in scopes)
        {
            if (scope is not null && read(scope) is { } value)
            {
                return clock.Units(value);
            }
        }

        return clock.Units(fallback);
    }
}
