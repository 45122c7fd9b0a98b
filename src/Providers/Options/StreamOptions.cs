namespace Providers;

/// <summary>The rules of streams.</summary>
public sealed class StreamOptions
{
    /// <summary>Gets or sets what happens when a stream fails after content was handed to the caller.</summary>
    /// <value>Default: <see cref="StreamRecovery.Fail"/>.</value>
    public StreamRecovery Recovery { get; set; }

    /// <summary>Gets or sets how many times one stream may be continued by another target.</summary>
    /// <value>1 to 10. Default: 1.</value>
    public int MaxContinuations { get; set; } = 1;

    /// <summary>Gets or sets the message that asks the next target to go on, sent after the partial answer.</summary>
    /// <value><see langword="null"/> (the default): the partial answer alone is sent as the assistant's last message.</value>
    public string? ContinuationPrompt { get; set; }

    /// <summary>Gets or sets a value indicating whether an answer, streamed or whole, without a finish reason was cut and failed.</summary>
    /// <value>Default: <see langword="true"/>. Turn it off only for clients that never give one: a crash of their server then passes as an answer.</value>
    public bool RequireFinishReason { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether an answer that ends properly without any content failed.</summary>
    /// <value>Default: <see langword="false"/>, an empty answer is an answer.</value>
    public bool EmptyIsFailure { get; set; }

    /// <summary>Gets or sets the slowest rate at which a stream may start, in updates with content per second.</summary>
    /// <value>Above 0, to 10,000; <see langword="null"/> (the default): any rate. When set, the first <see cref="RateWindow"/> of a stream is held back and measured.</value>
    public double? MinimumUpdatesPerSecond { get; set; }

    /// <summary>Gets or sets how long the start of a stream is measured, at the most.</summary>
    /// <value>00:00:00.100 to 00:05:00. Default: 5 seconds.</value>
    public TimeSpan RateWindow { get; set; } = TimeSpan.FromSeconds(5);
}
