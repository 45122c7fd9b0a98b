namespace Providers.Testing;

/// <summary>How a proxied connection ends when its bytes are used up.</summary>
public enum ProxyEnd
{
    /// <summary>In order, with a FIN.</summary>
    Close = 0,

    /// <summary>With a RST.</summary>
    Reset,

    /// <summary>Not at all: the connection stays open and silent.</summary>
    HalfOpen,
}

/// <summary>What a proxied connection meets. Immutable.</summary>
/// <param name="AfterBytes">The number of bytes of the answer that pass before the end; <see langword="null"/>: all pass.</param>
/// <param name="End">How the connection ends then.</param>
public sealed record ProxyFault(long? AfterBytes = null, ProxyEnd End = ProxyEnd.Close)
{
    /// <summary>Gets the absence of a fault.</summary>
    public static ProxyFault None { get; } = new();

    /// <summary>Gets the longest delay of a piece of the answer; each one's is drawn from the proxy's seed.</summary>
    /// <value>Default: 0.</value>
    public TimeSpan MaxDelay { get; init; }
}
