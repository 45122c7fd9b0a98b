using Microsoft.Extensions.Time.Testing;

namespace Providers.Testing.Tests.Wall;

internal sealed class VirtualClock : IVirtualClock
{
    private readonly FakeTimeProvider _time = new();

    public TimeProvider Provider => _time;

    public void Advance(TimeSpan time) => _time.Advance(time);
}
