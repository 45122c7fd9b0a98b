using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.BadInputs;

/// <summary>Row 80: a clock that jumps an hour back or a day ahead.</summary>
public sealed class ClockTests
{
    private const string Chat = """{"messages":[{"role":"user","content":"Hello"}]}""";

    [Fact]
    public async Task Clock_ThatJumps_NeitherLocksOutNorLetsThrough()
    {
        JumpingClock clock = new();
        await using GatewayHost host = await GatewayHost.StartAsync(clock: clock, configure: static o => (o.Limits.RequestsPerMinute, o.Limits.Burst) = (60, 3));
        async Task<int> Served(int requests)
        {
            int served = 0;
            for (int i = 0; i < requests; i++)
            {
                using HttpResponseMessage response = await host.PostAsync("/v1/chat/completions", Chat);
                served += response.StatusCode is HttpStatusCode.OK ? 1 : 0;
            }

            return served;
        }

        (await Served(10)).Should().Be(3);
        clock.Offset = TimeSpan.FromHours(-1);
        (await Served(10)).Should().Be(0, "rates are counted by a clock that does not jump");
        clock.Offset = TimeSpan.FromDays(1);
        (await Served(10)).Should().Be(0);
        clock.Steady.Advance(TimeSpan.FromSeconds(2));
        (await Served(10)).Should().Be(2);
    }

    /// <summary>A wall clock that somebody sets, over a counter that nobody can.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        public FakeTimeProvider Steady { get; } = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

        public TimeSpan Offset { get; set; }

        public override long TimestampFrequency => Steady.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => Steady.GetUtcNow() + Offset;

        public override long GetTimestamp() => Steady.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Steady.CreateTimer(callback, state, dueTime, period);
    }
}
