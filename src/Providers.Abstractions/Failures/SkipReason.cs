namespace Providers;

/// <summary>Why a target was not tried.</summary>
public enum SkipReason
{
    /// <summary>It was tried.</summary>
    None = 0,

    /// <summary>Its circuit is open.</summary>
    CircuitOpen,

    /// <summary>An operator isolated it.</summary>
    Isolated,

    /// <summary>Its health probe fails.</summary>
    Unhealthy,

    /// <summary>It is being drained.</summary>
    Draining,

    /// <summary>It asked to be left alone until later.</summary>
    RateLimited,

    /// <summary>Its own request or token limit is used up.</summary>
    LimitReached,

    /// <summary>All its concurrent places and its queue are taken.</summary>
    Busy,

    /// <summary>It has just recovered and takes only part of the traffic yet.</summary>
    SlowStart,

    /// <summary>It lacks a capability the request needs.</summary>
    MissingCapability,

    /// <summary>The prompt does not fit its context window.</summary>
    ContextTooSmall,

    /// <summary>The request must stay local and it is not.</summary>
    NotLocal,

    /// <summary>Its gate is off.</summary>
    GateOff,

    /// <summary>The caller excluded it.</summary>
    Excluded,

    /// <summary>The request ended before its turn: deadline, attempt limit, or a failure that no other target could mend.</summary>
    NotReached,

    /// <summary>It is a canary, and the request is not of its share.</summary>
    CanaryShare,
}
