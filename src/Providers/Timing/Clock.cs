namespace Providers.Timing;

/// <summary>A time provider with its units at hand: timestamps for measuring, spans for people.</summary>
internal sealed class Clock(TimeProvider provider)
{
    private readonly double _ticksPerUnit = (double)TimeSpan.TicksPerSecond / provider.TimestampFrequency;

    public TimeProvider Provider { get; } = provider;

    public long Now => Provider.GetTimestamp();

    public long Units(TimeSpan span) => span == TimeSpan.MaxValue ? long.MaxValue / 4 : (long)Math.Round(span.Ticks / _ticksPerUnit);

    public TimeSpan Span(long units) => TimeSpan.FromTicks((long)(units * _ticksPerUnit));

    public TimeSpan Until(long due) => Span(Math.Max(0, due - Now));
}
