namespace Providers;

/// <summary>How a provider is doing. Unknown is usable.</summary>
public enum ProviderHealth
{
    /// <summary>No probe and no traffic has told yet; usable.</summary>
    Unknown = 0,

    /// <summary>The server answers as it should.</summary>
    Healthy,

    /// <summary>The server answers, but something is amiss (loading, slow, a model missing); usable.</summary>
    Degraded,

    /// <summary>The server does not answer or cannot serve; tried last.</summary>
    Unhealthy,
}
