namespace Providers.Mlx;

/// <summary>What a one-token request found, with the server's error if it gave one.</summary>
internal sealed record ProbeResult(ProbeOutcome Outcome, int? Status = null, string? Body = null)
{
    /// <summary>Whether the generation thread is known to live: it generated, or refused for a reason of its own.</summary>
    public bool IsAlive => Outcome is ProbeOutcome.Generates or ProbeOutcome.Failed;

    public override string ToString() => Outcome switch
    {
        ProbeOutcome.Generates => "it generates",
        ProbeOutcome.Refused => "nobody listens",
        ProbeOutcome.Dropped => "the connection was closed without a token",
        ProbeOutcome.Silent => "no token came in time",
        _ => $"HTTP {Status} {Body}".TrimEnd(),
    };
}
