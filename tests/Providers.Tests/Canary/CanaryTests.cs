using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Providers.Tests.Support;
using System.Diagnostics.Metrics;

namespace Providers.Tests.Canary;

/// <summary>A rollout as a host sees it: who serves, what the catalogue says, what is logged and counted.</summary>
public sealed class CanaryTests
{
    private readonly FakeProvider _stable = new("stable");
    private readonly FakeProvider _canary = new("canary");
    private readonly FakeLogCollector _logs = new();

    [Fact]
    public async Task Healthy_PassesItsStepsAndTakesEverything()
    {
        await using TestComposite composite = Create();
        Status(composite).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.Progressing && s.Weight == 25 && s.Target == "canary");
        await SendAsync(composite, seconds: 12);
        Status(composite).Weight.Should().Be(50);
        await SendAsync(composite, seconds: 12);
        CanaryStatus status = Status(composite);
        status.Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.Promoted && s.Weight == 100);
        status.Decisions.Select(static d => (d.Action, d.Reason, d.FromWeight, d.ToWeight)).Should().Equal(
            (CanaryAction.Advance, "step_passed", 25, 50), (CanaryAction.Promote, "step_passed", 50, 100));
        status.Decisions[0].Evidence.CanaryRequests.Should().BeGreaterThan(20);
        status.Decisions[0].At.Should().BeAfter(DateTimeOffset.UnixEpoch);
        int before = _stable.Calls.Count;
        await SendAsync(composite, seconds: 3);
        _stable.Calls.Should().HaveCount(before, "a promoted canary serves all");
        _canary.Fails(FailureKind.Transient);
        (await composite.AskAsync()).GetProvider().Should().Be("stable", "the others became its fallback");
    }

    [Fact]
    public async Task Failing_IsRolledBackAtOnce_NoCallerNotices()
    {
        _canary.Fails(FailureKind.Transient);
        await using TestComposite composite = Create(services: s => s.AddMetrics());
        _ = composite.Chat;
        IMeterFactory meters = composite.Services.GetRequiredService<IMeterFactory>();
        using MetricCollector<long> decisions = new(meters, "Providers", "canary.decisions");
        using MetricCollector<double> weight = new(meters, "Providers", "canary.weight");
        using MetricCollector<long> requests = new(meters, "Providers", "canary.requests");
        weight.RecordObservableInstruments();
        await SendAsync(composite, seconds: 4);
        weight.RecordObservableInstruments();
        CanaryStatus status = Status(composite);
        status.Phase.Should().Be(CanaryPhase.RolledBack);
        status.CooldownLeft.Should().BePositive();
        CanaryDecision decision = status.Decisions.Should().ContainSingle().Subject;
        decision.Reason.Should().BeOneOf("breaker_open", "hard_stop");
        decision.Evidence.CanaryErrors.Should().BeInRange(5, 30);
        decision.Evidence.ToString().Should().Contain("of").And.Contain("failed").And.Contain("p95");
        weight.GetMeasurementSnapshot().Select(static m => m.Value).Should().Equal(25, 0);
        decisions.GetMeasurementSnapshot().Should().ContainSingle().Which.Tags.Should().BeEquivalentTo(
            new Dictionary<string, object?> { ["route"] = "chat", ["action"] = "rollback", ["reason"] = decision.Reason });
        requests.GetMeasurementSnapshot().Should().Contain(static m => (string)m.Tags["arm"]! == "canary" && (string)m.Tags["outcome"]! == "error");
        _logs.GetSnapshot().Should().ContainSingle(static l => l.Id.Id == 201).Which.Message.Should().Contain("rolled back").And.Contain("'chat'");
        int tried = _canary.Calls.Count;
        await SendAsync(composite, seconds: 4);
        _canary.Calls.Should().HaveCount(tried, "after the rollback nothing goes there");
    }

    [Fact]
    public async Task Slower_IsRolledBackForLatency()
    {
        await using TestComposite composite = Create(static c => c.LatencyRequests = 50);
        _stable.Answer = Takes(composite.Clock, 10);
        _canary.Answer = Takes(composite.Clock, 20);
        for (int i = 0; i < 600 && Status(composite).Phase != CanaryPhase.RolledBack; i++)
        {
            await composite.RunAsync(composite.AskAsync(), step: TimeSpan.FromMilliseconds(1));
        }

        Status(composite).Decisions[^1].Should().Match<CanaryDecision>(static d => d.Reason == "latency" && d.Evidence.CanaryP95 > d.Evidence.StableP95 * 1.5);
    }

    [Fact]
    public async Task BothArmsDown_IsPausedNotBlamedAndGoesOnAfterwards()
    {
        await using TestComposite composite = Create();
        await SendAsync(composite, seconds: 3);
        bool down = true;
        ProviderException Dead(string name) => new(new ProviderFailure(FailureKind.ConnectionLost, "down"), name);
        _stable.Answer = (_, _) => down ? Task.FromException<ChatResponse>(Dead("stable")) : Task.FromResult(Reply.Whole("ok"));
        _canary.Answer = (_, _) => down ? Task.FromException<ChatResponse>(Dead("canary")) : Task.FromResult(Reply.Whole("ok"));
        await SendAsync(composite, seconds: 20, failing: true);
        Status(composite).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.Paused && s.PausedFor == "both_arms_fail" && s.Weight == 25);
        down = false;
        await SendAsync(composite, seconds: 100, failing: true);
        CanaryStatus after = Status(composite);
        after.Phase.Should().Be(CanaryPhase.Promoted);
        after.Decisions.Should().NotContain(static d => d.Action == CanaryAction.Rollback).And.Contain(static d => d.Action == CanaryAction.Resume && d.Reason == "stable_again");
    }

    [Fact]
    public async Task NoTraffic_PausesThenIsRolledBackAtTheProgressDeadline()
    {
        await using TestComposite composite = Create(static c => c.ProgressDeadline = TimeSpan.FromSeconds(30));
        _ = composite.Chat;
        composite.Clock.Advance(TimeSpan.FromSeconds(1));
        Status(composite).PausedFor.Should().Be("no_data");
        await SendAsync(composite, seconds: 2);
        Status(composite).Phase.Should().Be(CanaryPhase.Progressing);
        for (int i = 0; i < 31; i++)
        {
            composite.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Status(composite).Decisions.Select(static d => d.Reason).Should().Equal("no_data", "data_again", "no_data", "progress_deadline");
        Status(composite).Weight.Should().Be(0);
    }

    [Fact]
    public async Task Operator_PausesResumesPromotesAbortsAndRestartsAfterTheCooldown()
    {
        await using TestComposite composite = Create(static c => c.Cooldown = TimeSpan.FromMinutes(1));
        IProviderCatalog catalog = composite.Catalog;
        catalog.ControlCanary("CHAT", CanaryAction.Pause);
        await SendAsync(composite, seconds: 30);
        Status(composite).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.Paused && s.Weight == 25 && s.PausedFor == "manual");
        catalog.ControlCanary("chat", CanaryAction.Resume);
        Status(composite).Phase.Should().Be(CanaryPhase.Progressing);
        catalog.ControlCanary("chat", CanaryAction.Promote);
        Status(composite).Weight.Should().Be(100);
        catalog.ControlCanary("chat", CanaryAction.Abort);
        Status(composite).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.RolledBack && s.Weight == 0);
        catalog.Invoking(static c => c.ControlCanary("chat", CanaryAction.Restart)).Should().Throw<InvalidOperationException>().WithMessage("*cooling down*");
        catalog.Invoking(static c => c.ControlCanary("chat", CanaryAction.Resume)).Should().Throw<InvalidOperationException>().WithMessage("*RolledBack*Resume*");
        composite.Clock.Advance(TimeSpan.FromMinutes(1));
        catalog.ControlCanary("chat", CanaryAction.Restart);
        Status(composite).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.Progressing && s.Weight == 25);
        Status(composite).Decisions.Select(static d => d.Action).Should().Equal(
            CanaryAction.Pause, CanaryAction.Resume, CanaryAction.Promote, CanaryAction.Abort, CanaryAction.Restart);
        catalog.Invoking(static c => c.ControlCanary("nowhere", CanaryAction.Abort)).Should().Throw<ArgumentException>().WithMessage("*'nowhere'*chat*");
        catalog.Invoking(static c => c.ControlCanary("plain", CanaryAction.Abort)).Should().Throw<ArgumentException>().WithMessage("*no canary*");
        catalog.Invoking(static c => c.ControlCanary("chat", CanaryAction.Advance)).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public async Task Abort_UnderLoad_StopsTrafficAtOnceAndFailsNobody()
    {
        await using TestComposite composite = Create();
        IChatClient chat = composite.Chat;
        using CancellationTokenSource stop = new();
        ConcurrentBag<ChatResponse> answers = [];
        _stable.Answer = _canary.Answer = static async (_, _) =>
        {
            await Task.Yield();
            return Reply.Whole("ok");
        };
        FakeProvider[] providers = [_stable, _canary];
        Task[] load = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                answers.Add(await chat.GetResponseAsync("hi"));
            }
        }))];
        while (!answers.Any(static a => a.GetProvider() == "canary"))
        {
            await Task.Yield();
        }

        composite.Catalog.ControlCanary("chat", CanaryAction.Abort);
        int inForce = answers.Count;
        while (answers.Count < inForce + 500)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        await Task.WhenAll(load); // none threw
        (await chat.GetResponseAsync("hi")).GetProvider().Should().Be("stable");
        providers.Sum(static p => p.Calls.Count).Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task StickyKey_SameKeySameArm_WhileTheShareOnlyRises()
    {
        await using TestComposite composite = Create();
        string[] keys = [.. Enumerable.Range(0, 200).Select(static i => $"tenant{i % 7}|user{i}")];
        HashSet<string> first = await CanaryKeysAsync(composite, keys);
        (await CanaryKeysAsync(composite, keys)).Should().BeEquivalentTo(first);
        first.Count.Should().BeInRange(25, 80, "a quarter of 200");
        await SendAsync(composite, seconds: 12);
        Status(composite).Weight.Should().Be(50);
        (await CanaryKeysAsync(composite, keys)).Should().Contain(first).And.HaveCountGreaterThan(first.Count);
    }

    [Fact]
    public async Task StableDown_ItsShareIsNotSentToTheUnproven()
    {
        _stable.Fails(FailureKind.BadRequest);
        await using TestComposite composite = Create();
        string key = (await CanaryKeysAsync(composite, ["a", "b", "c", "d", "e", "f", "g", "h"], tolerate: true)).FirstOrDefault() ?? "";
        key.Should().NotBeEmpty();
        _stable.Fails(FailureKind.Transient);
        string other = Enumerable.Range(0, 100).Select(static i => $"x{i}").First(k => Providers.Canary.StickyHash.Position("chat\ncanary", k) > 0.25);
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.RunAsync(composite.AskAsync(Sticky(other))))
            .Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets.Should().Contain(static t => t.Provider == "canary" && t.Skipped == SkipReason.CanaryShare);
        ChatOptions named = new RequestPreferences { Order = ["canary"] }.ApplyTo((ChatOptions?)null);
        (await composite.AskAsync(named)).GetProvider().Should().Be("canary", "who asks for it by name gets it");
    }

    [Fact]
    public async Task Fallback_RouteWithACanary_LendsOnlyWhatIsProven()
    {
        await using TestComposite composite = Create(configure: static o =>
        {
            o.Routes["other"] = new RouteOptions { Targets = { new TargetOptions { Provider = "stable" } } };
            o.Routes["other"].Fallback.Add("chat");
        });
        composite.Catalog.GetRoutes().Single(static r => r.Name == "other").Targets.Select(static t => t.Provider).Should().Equal("stable");
        composite.Catalog.GetRoutes().Single(static r => r.Name == "other").Canary.Should().BeNull();
    }

    [Fact]
    public void Configuration_EveryErrorIsNamed()
    {
        TestComposite composite = Create(static c =>
        {
            c.Steps.Clear();
            c.Steps.Add(50);
            c.Steps.Add(50);
            c.Steps.Add(20);
            c.Steps.Add(200);
            c.StepDuration = TimeSpan.FromHours(2);
            c.Significance = 0;
            c.HardStop = 2;
        });
        composite.Invoking(static c => c.Chat).Should().Throw<OptionsValidationException>().Which.Failures.Should()
            .Contain(static f => f.Contains("Routes:chat:Targets:1:Canary:Steps:1 is 50, not above the step before it (50); steps must rise."))
            .And.Contain(static f => f.Contains("Routes:chat:Targets:1:Canary:Steps:2 is 20, not above the step before it (50); steps must rise."))
            .And.Contain(static f => f.Contains("Canary:Steps:3"))
            .And.Contain(static f => f.Contains("Canary:ProgressDeadline") && f.Contains("shorter than StepDuration"))
            .And.Contain(static f => f.Contains("Canary:Significance"))
            .And.Contain(static f => f.Contains("Canary:HardStop"));
        TestComposite alone = new([_canary], static o => o.Routes["chat"] = new RouteOptions { Targets = { new TargetOptions { Provider = "canary", Canary = new CanaryOptions { Shadow = true, Steps = { 100 } } } } });
        alone.Invoking(static c => c.Chat).Should().Throw<OptionsValidationException>().Which.Failures.Should()
            .Contain(static f => f.Contains("Routes:chat:Targets hold a canary and nothing beside it")).And.Contain(static f => f.Contains("Routes:chat:Targets:0:Canary:Steps hold only 100 and Shadow is on"));
        TestComposite two = Create(configure: static o => o.Routes["chat"].Targets[0].Canary = new CanaryOptions());
        two.Invoking(static c => c.Chat).Should().Throw<OptionsValidationException>().WithMessage("*Routes:chat:Targets hold 2 canaries*");
    }

    [Fact]
    public async Task LastStepBelowHundred_StaysThereAndIsStillWatched()
    {
        await using TestComposite composite = Create(static c => c.Steps.Remove(100));
        await SendAsync(composite, seconds: 30);
        Status(composite).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.Passed && s.Weight == 50);
        await SendAsync(composite, seconds: 30);
        Status(composite).Evidence.CanaryRequests.Should().BeLessThan(400, "who stays is judged by fresh numbers");
        _canary.Fails(FailureKind.Transient);
        await SendAsync(composite, seconds: 5);
        Status(composite).Phase.Should().Be(CanaryPhase.RolledBack);
    }

    [Fact]
    public async Task OnlyStepIsHundred_IsPromotedFromTheStart()
    {
        await using TestComposite composite = Create(static c =>
        {
            c.Steps.Clear();
            c.Steps.Add(100);
        });
        (await composite.AskAsync()).GetProvider().Should().Be("canary");
        Status(composite).Phase.Should().Be(CanaryPhase.Promoted);
    }

    private TestComposite Create(Action<CanaryOptions>? change = null, Action<CompositeOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        CanaryOptions canary = new()
        {
            Steps = { 25, 50, 100 },
            StepDuration = TimeSpan.FromSeconds(10),
            Interval = TimeSpan.FromSeconds(1),
            StepRequests = 20,
        };
        change?.Invoke(canary);
        return new TestComposite(
            [_stable, _canary],
            o =>
            {
                o.DefaultRoute = "chat";
                o.Retry.MaxRetries = 0;
                o.Routes["chat"] = new RouteOptions { Targets = { new TargetOptions { Provider = "stable" }, new TargetOptions { Provider = "canary", Canary = canary } } };
                o.Routes["plain"] = new RouteOptions { Targets = { new TargetOptions { Provider = "stable" } } };
                configure?.Invoke(o);
            },
            services: s =>
            {
                s.AddLogging(b => b.AddProvider(new FakeLoggerProvider(_logs)));
                services?.Invoke(s);
            });
    }

    private static CanaryStatus Status(TestComposite composite) => composite.Catalog.GetRoutes().Single(static r => r.Name == "chat").Canary!;

    private static Func<int, CancellationToken, Task<ChatResponse>> Takes(TimeProvider clock, int milliseconds) => async (_, token) =>
    {
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), clock, token);
        return Reply.Whole("ok");
    };

    /// <summary>Twenty requests a second; all must be served unless told otherwise.</summary>
    private static async Task SendAsync(TestComposite composite, int seconds, bool failing = false)
    {
        for (int i = 0; i < seconds * 20; i++)
        {
            try
            {
                await composite.AskAsync();
            }
            catch (NoProvidersAvailableException) when (failing)
            {
                // Everything is down.
            }

            composite.Clock.Advance(TimeSpan.FromMilliseconds(50));
        }
    }

    private static ChatOptions Sticky(string key) => new RequestPreferences { StickyKey = key }.ApplyTo((ChatOptions?)null);

    private static async Task<HashSet<string>> CanaryKeysAsync(TestComposite composite, string[] keys, bool tolerate = false)
    {
        HashSet<string> served = [];
        foreach (string key in keys)
        {
            try
            {
                if ((await composite.AskAsync(Sticky(key))).GetProvider() == "canary")
                {
                    served.Add(key);
                }
            }
            catch (ProviderException) when (tolerate)
            {
                // The stable arm's.
            }
        }

        return served;
    }
}
