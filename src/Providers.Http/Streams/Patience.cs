namespace Providers.Http;

/// <summary>How long the reading of one answer may take, and for whom it is read.</summary>
/// <param name="FirstByte">How long the first byte of the body may take.</param>
/// <param name="Idle">How long the server may stay silent between two bytes.</param>
/// <param name="Caller">The caller's token, alive as long as the body is read.</param>
internal readonly record struct Patience(TimeSpan FirstByte, TimeSpan Idle, CancellationToken Caller)
{
    /// <summary>The same with neither wait longer than a limit.</summary>
    public Patience AtMost(TimeSpan limit) => this with { FirstByte = Shorter(FirstByte, limit), Idle = Shorter(Idle, limit) };

    private static TimeSpan Shorter(TimeSpan wait, TimeSpan limit) => wait == Timeout.InfiniteTimeSpan || wait > limit ? limit : wait;
}
