using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Providers.Canary;
using Providers.Tests.Support;

namespace Providers.Tests.Canary;

/// <summary>A rollout at work: what it counts, logs, remembers and says of itself.</summary>
public sealed class CanaryStateTests
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 100).Select(static i => $"user{i}")];
    private static readonly ChatOptions ForStable = Sticky(Keys.First(static k => StickyHash.Position("chat\ncanary/m", k) >= 0.25));
    private static readonly ChatOptions ForCanary = Sticky(Keys.First(static k => StickyHash.Position("chat\ncanary/m", k) < 0.25));
    private readonly FakeProvider _stable = new("stable");
    private readonly FakeProvider _canary = new("canary") { Descriptor = new ProviderDescriptor("canary", "Fake") { Models = [new ModelDescriptor("m")] } };
    private readonly FakeLogCollector _logs = new();

    [Fact]
    public async Task Outcomes_AreCountedByArm_AndLatenciesOfTheServedOnesMeasured()
    {
        await using TestComposite composite = Create();
        using MetricCollector<long> requests = Collect<long>(composite, "canary.requests");
        using MetricCollector<double> latencies = Collect<double>(composite, "canary.latency");
        _canary.Answer = async (n, token) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), composite.Clock, token);
            return n == 0 ? Reply.Whole("ok") : throw new IOException("gone");
        };
        (await composite.RunAsync(composite.AskAsync(ForCanary), step: TimeSpan.FromMilliseconds(20))).GetProvider().Should().Be("canary");
        (await composite.RunAsync(composite.AskAsync(ForCanary), step: TimeSpan.FromMilliseconds(20))).GetProvider().Should().Be("stable");
        (await composite.AskAsync(ForStable)).GetProvider().Should().Be("stable");
        requests.GetMeasurementSnapshot().Select(static m => (m.Value, m.Tags["route"], m.Tags["arm"], m.Tags["outcome"])).Should().Equal(
            (1, "chat", "canary", "success"), (1, "chat", "canary", "error"), (1, "chat", "stable", "success"));
        latencies.GetMeasurementSnapshot().Select(static m => (m.Value, m.Tags["route"], m.Tags["arm"])).Should().Equal((0.02, "chat", "canary"), (0, "chat", "stable"));
    }

    [Fact]
    public async Task Decisions_ByOperatorOrByItself_AreLoggedAndCountedAndTheLastHundredKept()
    {
        await using TestComposite composite = Create();
        using MetricCollector<long> decisions = Collect<long>(composite, "canary.decisions");
        composite.Clock.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 50; i++)
        {
            composite.Catalog.ControlCanary("chat", CanaryAction.Pause);
            composite.Catalog.ControlCanary("chat", CanaryAction.Resume);
        }

        Status(composite).Decisions.Should().HaveCount(100);
        (Status(composite).Decisions[0].Reason, Status(composite).Decisions[^1].Action).Should().Be(("manual", CanaryAction.Resume));
        decisions.GetMeasurementSnapshot().Should().HaveCount(101);
        decisions.GetMeasurementSnapshot()[0].Tags.Should().BeEquivalentTo(new Dictionary<string, object?> { ["route"] = "chat", ["action"] = "pause", ["reason"] = "no_data" });
        FakeLogRecord[] told = [.. _logs.GetSnapshot().Where(static l => l.Id.Id == 200)];
        told.Should().HaveCount(101);
        told[0].Message.Should().StartWith("Canary 'canary/m' of route 'chat': Pause (no_data), from 25 % to 25 %. ");
        composite.Catalog.ControlCanary("chat", CanaryAction.Abort);
        _logs.GetSnapshot().Should().ContainSingle(static l => l.Id.Id == 201).Which.Message.Should().StartWith("Canary 'canary/m' of route 'chat' was rolled back (manual), from 25 % to 0 %. ");
        decisions.LastMeasurement!.Tags["action"].Should().Be("abort");
    }

    [Fact]
    public async Task Cooldown_IsTold_FromTheEndOfTheAttemptThatDecidedUntilItIsOver()
    {
        await using TestComposite composite = Create();
        CanaryState state = composite.Host.Plans.Current.Routes.Single(static r => r.Name == "chat").Canary!;
        Status(composite).Should().Match<CanaryStatus>(static s => s.Target == "canary/m" && s.CooldownLeft == null);
        long now = composite.Clock.GetTimestamp();
        for (int i = 0; i < 20; i++)
        {
            state.Record(canary: false, failed: false, now, 0);
            state.Record(canary: true, failed: true, now, TimeSpan.TicksPerSecond * 2);
        }

        Status(composite).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.RolledBack && s.CooldownLeft == TimeSpan.FromSeconds(62));
        composite.Clock.Advance(TimeSpan.FromSeconds(62) - TimeSpan.FromTicks(1));
        Status(composite).CooldownLeft.Should().Be(TimeSpan.FromTicks(1));
        composite.Clock.Advance(TimeSpan.FromTicks(1));
        Status(composite).CooldownLeft.Should().BeNull();
    }

    private TestComposite Create() => new(
        [_stable, _canary],
        static o => o.Routes["chat"] = new RouteOptions
        {
            Targets =
            {
                new TargetOptions { Provider = "stable" },
                new TargetOptions { Provider = "canary", Canary = new CanaryOptions { Steps = { 25, 50, 100 }, StepDuration = TimeSpan.FromSeconds(10), Interval = TimeSpan.FromSeconds(1), Cooldown = TimeSpan.FromMinutes(1) } },
            },
        },
        services: s => s.AddMetrics().AddLogging(b => b.AddProvider(new FakeLoggerProvider(_logs))));

    private static CanaryStatus Status(TestComposite composite) => composite.Catalog.GetRoutes().Single(static r => r.Name == "chat").Canary!;

    private static MetricCollector<T> Collect<T>(TestComposite composite, string name)
        where T : struct
    {
        _ = composite.Chat;
        return new MetricCollector<T>(composite.Services.GetRequiredService<IMeterFactory>(), "Providers", name);
    }

    private static ChatOptions Sticky(string key) => new RequestPreferences { StickyKey = key }.ApplyTo((ChatOptions?)null);
}
