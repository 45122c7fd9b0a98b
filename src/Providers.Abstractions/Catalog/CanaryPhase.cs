namespace Providers;

/// <summary>Where a canary's rollout stands.</summary>
public enum CanaryPhase
{
    /// <summary>It has a share and is being compared.</summary>
    Progressing = 0,

    /// <summary>It has a share and waits: for an operator, for data, or for the other targets to recover.</summary>
    Paused,

    /// <summary>It passed its last step, which is below 100 percent, and stays there.</summary>
    Passed,

    /// <summary>It takes all of the route's requests.</summary>
    Promoted,

    /// <summary>It takes none.</summary>
    RolledBack,

    /// <summary>It takes none yet: its options were changed soon after a rollback, and it begins when the cool-down is over.</summary>
    CoolingDown,
}
