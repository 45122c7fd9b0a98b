using Microsoft.Extensions.Time.Testing;

namespace Providers.FaultWall.Tests;

/// <summary>The wall's clock over the usual fake.</summary>
internal sealed class VirtualClock : IVirtualClock
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));

    public TimeProvider Provider => _time;

    public void Advance(TimeSpan time) => _time.Advance(time);
}
