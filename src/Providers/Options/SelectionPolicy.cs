namespace Providers;

/// <summary>How a route chooses among targets that can serve.</summary>
public enum SelectionPolicy
{
    /// <summary>The first in order.</summary>
    Priority = 0,

    /// <summary>At random, by weight.</summary>
    Weighted,

    /// <summary>Each in turn.</summary>
    RoundRobin,

    /// <summary>The one with the fewest attempts under way.</summary>
    LeastPending,

    /// <summary>The better of two at random, by peak-sensitive moving average of latency times attempts under way.</summary>
    LeastLatency,

    /// <summary>The lowest price per token; unknown prices last.</summary>
    Cheapest,
}
