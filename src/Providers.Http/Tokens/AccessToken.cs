namespace Providers.Http;

/// <summary>A token, and its times as ticks of the clock's timestamp: the server's clock has no part in them.</summary>
/// <param name="Value">The token.</param>
/// <param name="RefreshAt">From when a successor is fetched.</param>
/// <param name="ExpiresAt">From when it opens nothing.</param>
internal sealed record AccessToken(string Value, long RefreshAt, long ExpiresAt)
{
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(60);

    /// <param name="asked">When the server was asked: its count began no earlier.</param>
    /// <param name="jitter">0 to 1: many hosts do not all refresh at one moment.</param>
    public static AccessToken Of(string value, TimeSpan lifetime, long asked, double jitter, TimeProvider clock)
    {
        TimeSpan early = lifetime * 0.8 < lifetime - s_margin ? lifetime * 0.8 : lifetime - s_margin;
        TimeSpan refresh = early > TimeSpan.Zero ? early * (1 - (0.1 * jitter)) : lifetime * 0.5; // shorter-lived than the margin
        return new AccessToken(value, asked + Ticks(refresh, clock), asked + Ticks(lifetime, clock));
    }

    public override string ToString() => "***";

    private static long Ticks(TimeSpan span, TimeProvider clock) => (long)(span.TotalSeconds * clock.TimestampFrequency);
}
