namespace Providers;

/// <summary>What one kind of failure, before any content reached the caller, leads to.</summary>
public sealed class FailureRule
{
    /// <summary>Gets or sets a value indicating whether the next target is tried.</summary>
    /// <value><see langword="null"/> (the default): what the table says.</value>
    public bool? FailOver { get; set; }

    /// <summary>Gets or sets a value indicating whether the same target may be tried again when no other is left.</summary>
    /// <value><see langword="null"/> (the default): what the table says.</value>
    public bool? Retry { get; set; }

    /// <summary>Gets or sets a value indicating whether the failure counts against the target's circuit.</summary>
    /// <value><see langword="null"/> (the default): what the table says.</value>
    public bool? Trips { get; set; }

    /// <summary>Gets or sets how long the target is left alone where the provider does not say.</summary>
    /// <value>0 to 1.00:00:00; <see langword="null"/> (the default): what the table says.</value>
    public TimeSpan? Pause { get; set; }

    /// <summary>Says what the table holds for a kind of failure.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>A rule of which every property is set.</returns>
    public static FailureRule Default(FailureKind kind) => kind switch
    {
        FailureKind.Transient => Rule(failOver: true, retry: true, trips: true),
        FailureKind.RateLimited => Rule(failOver: true, retry: true, trips: false, pauseSeconds: 1),
        FailureKind.Overloaded => Rule(failOver: true, retry: true, trips: true),
        FailureKind.ModelLoading => Rule(failOver: true, retry: true, trips: false, pauseSeconds: 2),
        FailureKind.ModelMissing => Rule(failOver: true, retry: false, trips: true, pauseSeconds: 60),
        FailureKind.ContextLengthExceeded => Rule(failOver: true, retry: false, trips: false),
        FailureKind.ContentFiltered => Rule(failOver: false, retry: false, trips: false),
        FailureKind.AuthFailed => Rule(failOver: true, retry: false, trips: true, pauseSeconds: 60),
        FailureKind.QuotaExhausted => Rule(failOver: true, retry: false, trips: true, pauseSeconds: 300),
        FailureKind.BudgetExhausted => Rule(failOver: false, retry: false, trips: false),
        FailureKind.BadRequest => Rule(failOver: false, retry: false, trips: false),
        FailureKind.Cancelled => Rule(failOver: false, retry: false, trips: false),
        FailureKind.TimedOut => Rule(failOver: true, retry: false, trips: true),
        FailureKind.ConnectionLost => Rule(failOver: true, retry: true, trips: true),
        FailureKind.InvalidResponse => Rule(failOver: true, retry: false, trips: true),
        _ => Rule(failOver: true, retry: false, trips: true),
    };

    private static FailureRule Rule(bool failOver, bool retry, bool trips, int pauseSeconds = 0) =>
        new() { FailOver = failOver, Retry = retry, Trips = trips, Pause = TimeSpan.FromSeconds(pauseSeconds) };
}
