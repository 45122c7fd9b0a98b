namespace Providers;

/// <summary>What happens when a stream fails after content was handed to the caller.</summary>
public enum StreamRecovery
{
    /// <summary>The caller gets a <see cref="ProviderException"/> with what arrived so far.</summary>
    Fail = 0,

    /// <summary>The next target is asked to go on from the partial answer; never inside a tool call.</summary>
    Continue,
}
