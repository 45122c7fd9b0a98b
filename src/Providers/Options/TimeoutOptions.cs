namespace Providers;

/// <summary>Deadlines, each its own. A value that is <see langword="null"/> is taken from the next wider scope: provider, route, composite.</summary>
/// <remarks>Connecting is the adapter's: its own option bounds it.</remarks>
public sealed class TimeoutOptions
{
    /// <summary>Gets or sets how long a request may take in all: attempts, waits and the whole stream.</summary>
    /// <value>00:00:00.010 to 1.00:00:00. Default of the composite: 10 minutes.</value>
    public TimeSpan? Total { get; set; }

    /// <summary>Gets or sets how long one attempt may take to give its whole answer, when it is not streamed.</summary>
    /// <value>00:00:00.010 to 1.00:00:00. Default of the composite: 5 minutes.</value>
    public TimeSpan? Attempt { get; set; }

    /// <summary>Gets or sets how long a stream may take to its first content.</summary>
    /// <value>00:00:00.010 to 01:00:00. Default of the composite: 1 minute.</value>
    public TimeSpan? FirstContent { get; set; }

    /// <summary>Gets or sets the first-content limit while a server that loads on demand may still be loading: before its first answer, and after <see cref="KeepWarm"/> without one.</summary>
    /// <value>00:00:00.010 to 01:00:00. Default of the composite: 5 minutes.</value>
    public TimeSpan? Load { get; set; }

    /// <summary>Gets or sets after how long without an answer a server that loads on demand is taken to have unloaded the model.</summary>
    /// <value>00:00:01 to 1.00:00:00. Default of the composite: 5 minutes.</value>
    public TimeSpan? KeepWarm { get; set; }

    /// <summary>Gets or sets how long a stream may be silent between two updates.</summary>
    /// <value>00:00:00.010 to 01:00:00. Default of the composite: 1 minute.</value>
    public TimeSpan? Gap { get; set; }

    /// <summary>Gets or sets how long a stream that has given its finish reason may take to end, and a client to let go of a stream that is over.</summary>
    /// <value>0 to 00:01:00. Default of the composite: 1 second.</value>
    public TimeSpan? Trailer { get; set; }
}
