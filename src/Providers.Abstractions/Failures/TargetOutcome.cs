namespace Providers;

/// <summary>What became of one target in one request: tried with a result, or skipped with a reason. Immutable.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">The model's id; <see langword="null"/> when the provider's default served.</param>
public sealed record TargetOutcome(string Provider, string? Model)
{
    /// <summary>Gets why the target was not tried.</summary>
    public SkipReason Skipped { get; init; }

    /// <summary>Gets how the attempt failed.</summary>
    /// <value><see langword="null"/>: it succeeded, or was skipped.</value>
    public ProviderFailure? Failure { get; init; }

    /// <summary>Gets how long the attempt took; zero when skipped.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Gets in how long the target may be tried again.</summary>
    /// <value><see langword="null"/>: at once, or unknown.</value>
    public TimeSpan? RetryAfter { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        string name = Model is null ? Provider : $"{Provider}/{Model}";
        string what = Failure is not null ? $"{Failure.Kind} after {Duration.TotalMilliseconds:F0} ms ({Failure.Message})"
            : Skipped is not SkipReason.None ? $"skipped, {Skipped}"
            : $"served after {Duration.TotalMilliseconds:F0} ms";
        return RetryAfter is { } wait ? $"{name}: {what}; again in {wait.TotalSeconds:F1} s" : $"{name}: {what}";
    }
}
