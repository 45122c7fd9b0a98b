namespace Providers;

/// <summary>The state of a target's circuit.</summary>
public enum CircuitState
{
    /// <summary>Traffic flows.</summary>
    Closed = 0,

    /// <summary>One probe at a time finds out whether traffic may flow again.</summary>
    HalfOpen,

    /// <summary>No traffic until the break is over.</summary>
    Open,

    /// <summary>No traffic until an operator enables the target.</summary>
    Isolated,
}
