namespace Providers.Attempts;

/// <summary>What ended a wait for a provider.</summary>
internal enum AttemptSignal
{
    /// <summary>The provider's own task is done; it holds a result or an exception.</summary>
    Completed = 0,

    /// <summary>The deadline of the wait passed.</summary>
    TimedOut,

    /// <summary>The caller cancelled.</summary>
    Cancelled,

    /// <summary>We ended it: a hedge won, or the caller stopped reading.</summary>
    Aborted,
}
