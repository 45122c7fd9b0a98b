namespace Providers.Testing;

/// <summary>What a scenario asks a subject to be configured with, in the subject's own way. A subject that lacks a knob leaves it. Immutable.</summary>
public sealed record FaultWallNeeds
{
    /// <summary>Gets how long one target may take to its first content.</summary>
    /// <value>Default: 10 seconds.</value>
    public TimeSpan FirstContentTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long one target may take to an answer that is not streamed.</summary>
    /// <value>Default: 20 seconds.</value>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets how long a stream may be silent.</summary>
    /// <value>Default: 10 seconds.</value>
    public TimeSpan GapTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long a call may take in all.</summary>
    /// <value>Default: 60 seconds.</value>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets how long the first content may take while a target loads its model.</summary>
    /// <value><see langword="null"/> (the default): no target loads on demand.</value>
    public TimeSpan? LoadTimeout { get; init; }

    /// <summary>Gets how long a circuit stays open at first.</summary>
    /// <value>Default: 2 seconds.</value>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets what is to happen when a stream fails after content was handed out.</summary>
    public StreamRecovery Recovery { get; init; }

    /// <summary>Gets the number of updates a second below which a stream counts as failed.</summary>
    /// <value><see langword="null"/> (the default): any rate will do.</value>
    public double? MinimumUpdatesPerSecond { get; init; }

    /// <summary>Gets a value indicating whether a later target has a larger context window, as its descriptor says.</summary>
    public bool LargerContextTarget { get; init; }

    /// <summary>Gets the name of the rate-limit domain that the targets of that <see cref="FaultWallTarget.RateLimitDomain"/> share.</summary>
    /// <value><see langword="null"/> (the default): none.</value>
    public string? RateLimitDomain { get; init; }

    /// <summary>Gets the number of keys to rotate: of one target where the wire has keys, else one target for each.</summary>
    /// <value>Default: 0, none.</value>
    public int Keys { get; init; }

    /// <summary>The same needs with every time multiplied.</summary>
    /// <param name="factor">The factor, more than 0.</param>
    /// <returns>The scaled needs.</returns>
    internal FaultWallNeeds Scaled(double factor) => this with
    {
        FirstContentTimeout = FirstContentTimeout * factor,
        AttemptTimeout = AttemptTimeout * factor,
        GapTimeout = GapTimeout * factor,
        TotalTimeout = TotalTimeout * factor,
        LoadTimeout = LoadTimeout * factor,
        BreakDuration = BreakDuration * factor,
        MinimumUpdatesPerSecond = MinimumUpdatesPerSecond / factor,
    };
}
