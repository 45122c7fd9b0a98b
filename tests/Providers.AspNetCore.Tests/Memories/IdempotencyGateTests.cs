using System.Text;
using Microsoft.Extensions.Time.Testing;
using Providers.AspNetCore.Memories;

namespace Providers.AspNetCore.Tests.Memories;

/// <summary>How much the gate keeps of what it answered; the store knows every key for longer.</summary>
public sealed class IdempotencyGateTests
{
    private static readonly byte[] s_body = Encoding.UTF8.GetBytes("{}");

    [Fact]
    public async Task Answers_OfLargeBatches_AreKeptByWhatTheyHoldAndNotByTheirNumber()
    {
        FakeTimeProvider clock = new();
        IdempotencyGate gate = new(clock);
        int done = 0;
        for (int i = 0; i < 1000; i++)
        {
            await RunAsync(gate, $"key-{i}", 1000, () => done++);
            clock.Advance(TimeSpan.FromMilliseconds(1));
            gate.Count.Should().BeLessThanOrEqualTo(101);
        }

        done.Should().Be(1000);
        (await RunAsync(gate, "key-999", 1000, () => done++)).Replayed.Should().BeTrue("the latest is kept");
        (await RunAsync(gate, "key-0", 1000, () => done++)).Replayed.Should().BeFalse("the oldest is not");
        done.Should().Be(1001);
    }

    [Fact]
    public async Task Answers_AfterADay_AreForgotten()
    {
        FakeTimeProvider clock = new();
        IdempotencyGate gate = new(clock);
        int done = 0;
        await RunAsync(gate, "key", 1, () => done++);
        clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromTicks(1));
        (await RunAsync(gate, "key", 1, () => done++)).Replayed.Should().BeTrue();
        clock.Advance(TimeSpan.FromTicks(1));
        (await RunAsync(gate, "key", 1, () => done++)).Replayed.Should().BeFalse();
        (done, gate.Count).Should().Be((2, 1));
    }

    private static Task<Answer> RunAsync(IdempotencyGate gate, string key, int weight, Action effect) => gate.RunAsync(key, "acme/default", s_body, () =>
    {
        effect();
        return Task.FromResult(new Answer(200, "", MemoryJson.Default.BatchView) { Weight = weight });
    });
}
