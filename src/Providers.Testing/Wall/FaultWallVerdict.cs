namespace Providers.Testing;

/// <summary>How a subject did in one scenario.</summary>
public enum FaultWallVerdict
{
    /// <summary>Truncated or wrong text as success, a doubled token, a released half tool call, or no end at all.</summary>
    Fail = 0,

    /// <summary>An honest error, no rescue.</summary>
    Safe,

    /// <summary>The right answer with avoidable roughness: late, or the first target hammered.</summary>
    Partial,

    /// <summary>As it should be.</summary>
    Pass,
}
