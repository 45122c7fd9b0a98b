namespace Providers.Simulation;

/// <summary>What one caller got.</summary>
internal sealed class Outcome(TimeSpan started)
{
    public static readonly string Whole = string.Concat(Enumerable.Range(0, SimulatedTarget.Tokens).Select(SimulatedTarget.Token));

    public TimeSpan Started { get; } = started;

    public TimeSpan? Ended { get; set; }

    public bool Streamed { get; set; }

    public string Text { get; set; } = "";

    public int Attempts { get; set; }

    public Exception? Error { get; set; }

    public bool IsDone => Ended is not null;

    public bool Served => Error is null && Text == Whole;

    /// <summary>Gets a value indicating whether the caller was told the truth: a whole answer, or an error with what came before it.</summary>
    public bool IsHonest => Served
        || (Error is ProviderException { OutputCommitted: true } broken && Whole.StartsWith(Text, StringComparison.Ordinal) && broken.PartialResponse!.Text == Text)
        || (Error is ProviderException or NoProvidersAvailableException && Text.Length == 0);
}
