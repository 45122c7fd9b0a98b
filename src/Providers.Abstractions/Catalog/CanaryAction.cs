namespace Providers;

/// <summary>What is done with a canary, by itself or by an operator.</summary>
public enum CanaryAction
{
    /// <summary>It takes its next, larger share. Only by itself.</summary>
    Advance = 0,

    /// <summary>It takes all of the route's requests; the other targets become its fallback.</summary>
    Promote,

    /// <summary>It keeps its share and does not advance; it is still rolled back when it is worse.</summary>
    Pause,

    /// <summary>It goes on after a pause.</summary>
    Resume,

    /// <summary>It loses its share because it was found worse. Only by itself.</summary>
    Rollback,

    /// <summary>It loses its share because an operator said so.</summary>
    Abort,

    /// <summary>It begins again at its first step; after a rollback not before the cool-down is over.</summary>
    Restart,

    /// <summary>Its last step, below 100 percent, is passed and it stays there. Only by itself.</summary>
    Pass,
}
