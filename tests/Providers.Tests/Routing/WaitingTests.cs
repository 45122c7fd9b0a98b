using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Providers.Tests.Support;

namespace Providers.Tests.Routing;

/// <summary>What a request does when no target takes it at once.</summary>
public sealed class WaitingTests
{
    private readonly FakeProvider _first = new("first");
    private readonly FakeProvider _second = new("second");

    [Fact]
    public async Task Queue_TargetIsIsolatedMeanwhile_GivesThePlaceBackAndSaysWhy()
    {
        TaskCompletionSource<ChatResponse> gate = new();
        _first.Answer = (_, _) => gate.Task;
        await using TestComposite composite = new([_first], static o =>
        {
            o.Retry.MaxRetries = 0;
            o.Providers["first"] = new ProviderOptions { MaxConcurrency = 1, QueueLimit = 1 };
        });
        Task<ChatResponse> holder = composite.AskAsync();
        Task<ChatResponse> queued = composite.AskAsync();
        composite.Catalog.Isolate("first");
        gate.SetResult(Reply.Whole("done"));
        await holder;
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => queued).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets.Should().ContainSingle().Which.Skipped.Should().Be(SkipReason.Isolated);
        error.RetryAfter.Should().BeNull("only an operator knows when");
        composite.Catalog.GetProviders()[0].InFlight.Should().Be(0);
        composite.Catalog.Enable("first");
        (await composite.AskAsync()).Text.Should().Be("done");
    }

    [Fact]
    public async Task Queue_LimitIsUsedUpMeanwhile_GivesThePlaceBackAndSaysWhen()
    {
        TaskCompletionSource<ChatResponse>[] answers = [new(), new()];
        _first.Answer = (n, _) => answers[n].Task;
        await using TestComposite composite = new([_first], static o =>
        {
            o.Retry.MaxRetries = 0;
            o.Providers["first"] = new ProviderOptions { MaxConcurrency = 1, QueueLimit = 2, RequestsPerMinute = 2 };
        });
        Task<ChatResponse> holder = composite.AskAsync(), next = composite.AskAsync(), last = composite.AskAsync();
        answers[0].SetResult(Reply.Whole("one"));
        answers[1].SetResult(Reply.Whole("two"));
        (await Task.WhenAll(holder, next)).Select(static r => r.Text).Should().Equal("one", "two");
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => last).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets.Should().ContainSingle().Which.Skipped.Should().Be(SkipReason.LimitReached);
        error.RetryAfter.Should().BeCloseTo(TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1));
        composite.Catalog.GetProviders()[0].InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Queue_ServedByAProbeThatMayNotBeSent_LeavesTheProbeToAnother()
    {
        TaskCompletionSource<ChatResponse>[] gates = [new(), new()];
        FakeProvider both = new("both") { Descriptor = new ProviderDescriptor("both", "Fake") { Models = [new ModelDescriptor("a"), new ModelDescriptor("b")] } };
        both.Answer = (n, _) => n is 0 ? Task.FromException<ChatResponse>(new IOException("reset")) : n < 3 ? gates[n - 1].Task : Task.FromResult(Reply.Whole("well"));
        await using TestComposite composite = new([both], static o =>
        {
            (o.Retry.MaxRetries, o.Circuit.ConsecutiveFailures, o.Circuit.BreakDuration, o.Circuit.SlowStart) = (0, 1, TimeSpan.FromSeconds(1), TimeSpan.Zero);
            o.Providers["both"] = new ProviderOptions { MaxConcurrency = 1, QueueLimit = 2, RequestsPerMinute = 3 };
        });
        ChatOptions a = new() { ModelId = "both/a" }, b = new() { ModelId = "both/b" };
        await FluentActions.Awaiting(() => composite.AskAsync(b)).Should().ThrowAsync<NoProvidersAvailableException>();
        composite.Clock.Advance(TimeSpan.FromSeconds(1)); // the break of b is over
        Task<ChatResponse> holder = composite.AskAsync(a), next = composite.AskAsync(a), probe = composite.AskAsync(b);
        gates[0].SetResult(Reply.Whole("one"));
        gates[1].SetResult(Reply.Whole("two")); // the third and last of the minute
        await Task.WhenAll(holder, next);
        (await FluentActions.Awaiting(() => probe).Should().ThrowAsync<NoProvidersAvailableException>()).Which.Targets.Should().ContainSingle().Which.Skipped.Should().Be(SkipReason.LimitReached);
        composite.Clock.Advance(TimeSpan.FromMinutes(1));
        (await composite.AskAsync(b)).Text.Should().Be("well", "nobody else holds the probe");
    }

    [Fact]
    public async Task Queue_ServedAndFailed_IsNotServedThereAgain()
    {
        TaskCompletionSource<ChatResponse> gate = new();
        _first.Answer = (n, _) => n is 0 ? gate.Task : Task.FromException<ChatResponse>(new IOException("reset"));
        await using TestComposite composite = new([_first], static o =>
        {
            o.Retry.MaxRetries = 0;
            o.Providers["first"] = new ProviderOptions { MaxConcurrency = 1, QueueLimit = 1 };
        });
        Task<ChatResponse> holder = composite.AskAsync(), queued = composite.AskAsync();
        gate.SetResult(Reply.Whole("done"));
        await holder;
        await FluentActions.Awaiting(() => queued).Should().ThrowAsync<NoProvidersAvailableException>();
        _first.Calls.Should().HaveCount(2, "going back to it would be a retry, and there are none");
    }

    [Fact]
    public async Task Queue_OneTargetIsFullAndTheOtherHasNoQueue_TheQueueIsTaken()
    {
        TaskCompletionSource gate = new();
        _first.Answer = _second.Answer = async (_, _) =>
        {
            await gate.Task;
            return Reply.Whole("done");
        };
        await using TestComposite composite = new([_first, _second], static o =>
        {
            o.Providers["first"] = new ProviderOptions { MaxConcurrency = 1 };
            o.Providers["second"] = new ProviderOptions { MaxConcurrency = 1, QueueLimit = 1 };
        });
        Task<ChatResponse>[] all = [composite.AskAsync(), composite.AskAsync(), composite.AskAsync()];
        gate.SetResult();
        (await Task.WhenAll(all)).Select(static r => r.GetProvider()).Should().Equal("first", "second", "second");
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 3)] // two retries beside the first
    public async Task Retry_MostAttemptsOfARequest_AreNotExceeded(int most, int asked)
    {
        _first.Fails(FailureKind.Transient);
        await using TestComposite composite = new([_first], o => o.Retry.MaximumAttemptsPerRequest = most);
        Task<ChatResponse> task = composite.AskAsync();
        await FluentActions.Awaiting(() => composite.RunAsync(task)).Should().ThrowAsync<NoProvidersAvailableException>();
        _first.Calls.Should().HaveCount(asked);
    }

    [Fact]
    public async Task Retry_BudgetIsGivenBack_WhenTheRequestHasEnded()
    {
        _first.Fails(FailureKind.Transient, times: 100);
        await using TestComposite composite = new([_first], static o => (o.Retry.BudgetMinimum, o.Retry.MaxRetries, o.Circuit.ConsecutiveFailures, o.Circuit.MinimumThroughput) = (1, 1, 1_000, 1_000));
        for (int i = 0; i < 10; i++)
        {
            await FluentActions.Awaiting(() => composite.RunAsync(composite.AskAsync())).Should().ThrowAsync<NoProvidersAvailableException>();
            _first.Calls.Should().HaveCount(2 * (i + 1), "each request may retry once, one at a time");
        }
    }

    [Fact]
    public async Task Retry_Backoff_GrowsToItsCapAndNoFurther()
    {
        _first.Fails(FailureKind.Transient);
        List<TimeSpan> asked = [];
        await using TestComposite composite = new([_first], static o =>
        {
            (o.Retry.MaxRetries, o.Retry.MaximumAttemptsPerRequest, o.Retry.BudgetMinimum) = (10, 20, 20);
            (o.Retry.BaseDelay, o.Retry.MaxDelay) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
            (o.Circuit.ConsecutiveFailures, o.Circuit.MinimumThroughput) = (1_000, 1_000);
        });
        DateTimeOffset start = composite.Clock.GetUtcNow();
        var fails = _first.Answer;
        _first.Answer = (n, token) =>
        {
            asked.Add(composite.Clock.GetUtcNow() - start);
            return fails(n, token);
        };
        await FluentActions.Awaiting(() => composite.RunAsync(composite.AskAsync(), step: TimeSpan.FromMilliseconds(10))).Should().ThrowAsync<NoProvidersAvailableException>();
        TimeSpan[] waits = [.. asked.Zip(asked.Skip(1), static (a, b) => b - a)];
        waits.Should().HaveCount(10);
        for (int i = 0; i < waits.Length; i++)
        {
            waits[i].Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(Math.Min(4, Math.Pow(2, i))) + TimeSpan.FromMilliseconds(10), "wait {0}", i);
        }

        waits.Skip(2).Max().Should().BeGreaterThan(TimeSpan.FromSeconds(2), "it grows: full jitter under a cap of four seconds");
    }

    [Fact]
    public async Task WaitForFirst_NothingComesBackInTime_FailsAtOnceAndSaysWhen()
    {
        await using TestComposite composite = new([_first], static o =>
        {
            o.Retry.MaxRetries = 0;
            o.Circuit.PanicInterval = TimeSpan.FromHours(1);
            o.Circuit.BreakDuration = TimeSpan.FromSeconds(30);
            o.Routes["r"] = new RouteOptions { WaitForFirst = TimeSpan.FromSeconds(10) };
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "first" });
        });
        _first.Fails(FailureKind.ConnectionLost);
        for (int i = 0; i < 5; i++)
        {
            await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>();
        }

        Task<ChatResponse> task = composite.AskAsync();
        task.IsCompleted.Should().BeTrue("thirty seconds are more than it may wait");
        (await FluentActions.Awaiting(() => task).Should().ThrowAsync<NoProvidersAvailableException>()).Which.RetryAfter.Should().Be(TimeSpan.FromSeconds(30));

        composite.Clock.Advance(TimeSpan.FromSeconds(25));
        composite.AskAsync().IsCompleted.Should().BeFalse("five are not");
    }

    [Fact]
    public async Task WaitForFirst_CallerLeaves_IsTheCallersCancellation()
    {
        await using TestComposite composite = new([_first], static o =>
        {
            o.Routes["r"] = new RouteOptions { WaitForFirst = TimeSpan.FromMinutes(1) };
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "first" });
            o.Providers["first"] = new ProviderOptions { RequestsPerMinute = 1 };
        });
        await composite.AskAsync();
        using CancellationTokenSource source = new();
        Task<ChatResponse> waiting = composite.AskAsync(token: source.Token);
        waiting.IsCompleted.Should().BeFalse();
        await source.CancelAsync();
        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
        _first.Calls.Should().HaveCount(1);
    }

    [Fact]
    public async Task WaitForFirst_LimitRefills_IsServedThen()
    {
        await using TestComposite composite = new([_first], static o =>
        {
            o.Routes["r"] = new RouteOptions { WaitForFirst = TimeSpan.FromMinutes(2) };
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "first" });
            o.Providers["first"] = new ProviderOptions { RequestsPerMinute = 1 };
        });
        await composite.AskAsync();
        DateTimeOffset start = composite.Clock.GetUtcNow();
        (await composite.RunAsync(composite.AskAsync())).Text.Should().Be("ok");
        (composite.Clock.GetUtcNow() - start).Should().BeCloseTo(TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task Failover_DisabledAndFailed_MayStillBeRetriedAtTheSameTarget()
    {
        _first.Fails(FailureKind.Transient, times: 1);
        await using TestComposite composite = new([_first, _second]);
        Task<ChatResponse> task = composite.AskAsync(new RequestPreferences { DisableFailover = true }.ApplyTo((ChatOptions?)null));
        (await composite.RunAsync(task)).GetProvider().Should().Be("first");
        _second.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Failover_DisabledAndRetriesFailToo_NobodyElseIsAsked()
    {
        _first.Fails(FailureKind.Transient);
        await using TestComposite composite = new([_first, _second], static o => o.Retry.MaxRetries = 2);
        Task<ChatResponse> task = composite.AskAsync(new RequestPreferences { DisableFailover = true }.ApplyTo((ChatOptions?)null));
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.RunAsync(task)).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        _first.Calls.Should().HaveCount(3);
        _second.Calls.Should().BeEmpty();
        error.Targets[^1].Should().Match<TargetOutcome>(static t => t.Provider == "second" && t.Skipped == SkipReason.Excluded);
    }

    [Fact]
    public async Task Failover_DisabledAndInTurn_TheRetryGoesBackToTheSameTarget()
    {
        _first.Fails(FailureKind.Transient, times: 1);
        await using TestComposite composite = new([_first, _second], static o =>
        {
            o.Routes["r"] = new RouteOptions { Policy = SelectionPolicy.RoundRobin };
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "first" });
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "second" });
        });
        Task<ChatResponse> task = composite.AskAsync(new RequestPreferences { DisableFailover = true }.ApplyTo((ChatOptions?)null));
        (await composite.RunAsync(task)).GetProvider().Should().Be("first");
    }

    [Fact]
    public async Task Queue_WaitIsMeasured()
    {
        TaskCompletionSource<ChatResponse> gate = new();
        _first.Answer = (_, _) => gate.Task;
        await using TestComposite composite = new([_first], static o => o.Providers["first"] = new ProviderOptions { MaxConcurrency = 1, QueueLimit = 1 }, services: static s => s.AddMetrics());
        using MetricCollector<double> waits = Collect<double>(composite, "llm.queue.wait");
        Task<ChatResponse> holder = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(2));
        Task<ChatResponse> queued = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(3));
        gate.SetResult(Reply.Whole("done"));
        await Task.WhenAll(holder, queued);
        waits.GetMeasurementSnapshot().Should().ContainSingle().Which.Should().Match<CollectedMeasurement<double>>(static m => m.Value == 3 && (string)m.Tags["provider"]! == "first");
    }

    [Fact]
    public async Task Retry_MostAttemptsAreMade_FailsAtOnceAndNamesWhoWasNotReached()
    {
        _first.Fails(FailureKind.Transient);
        await using TestComposite composite = new([_first, _second], static o => o.Retry.MaximumAttemptsPerRequest = 1);
        NoProvidersAvailableException error = await FailsAtOnceAsync(composite.AskAsync());
        error.Targets.Select(static t => (t.Provider, t.Skipped)).Should().Equal(("first", SkipReason.None), ("second", SkipReason.NotReached));
        _second.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Retry_IsCountedByRoute_AndIsNoFailover()
    {
        _first.Fails(FailureKind.Transient, times: 2);
        await using TestComposite composite = new([_first], services: static s => s.AddMetrics());
        using MetricCollector<long> retries = Collect<long>(composite, "llm.retries");
        using MetricCollector<long> failovers = Collect<long>(composite, "llm.failovers");
        (await composite.RunAsync(composite.AskAsync())).GetAttempts().Should().Be(3);
        retries.GetMeasurementSnapshot().Select(static m => (m.Value, m.Tags["route"])).Should().Equal((1, "default"), (1, "default"));
        failovers.GetMeasurementSnapshot().Should().BeEmpty("it went back to the same provider");
    }

    [Fact]
    public async Task Retry_OnlyThoseThatMayServeOnASecondTry_AreAskedAgain()
    {
        _first.Fails(FailureKind.InvalidResponse);
        _second.Fails(FailureKind.Transient, times: 1);
        await using TestComposite composite = new([_first, _second]);
        (await composite.RunAsync(composite.AskAsync())).GetProvider().Should().Be("second");
        _first.Calls.Should().HaveCount(1);
        _second.Calls.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(FailureKind.InvalidResponse, 5)] // not a failure that passes by itself
    [InlineData(FailureKind.ConnectionLost, 1)] // it would be, but its circuit has opened
    public async Task Retry_NobodyMayServeOnASecondTry_FailsAtOnce(FailureKind kind, int opensAfter)
    {
        _first.Fails(kind);
        await using TestComposite composite = new([_first], o => o.Circuit.ConsecutiveFailures = opensAfter);
        await FailsAtOnceAsync(composite.AskAsync());
        _first.Calls.Should().HaveCount(1);
    }

    [Fact]
    public async Task Retry_SeveralHaveFailed_WaitsForTheSoonest()
    {
        _first.Fails(FailureKind.RateLimited, TimeSpan.FromSeconds(30));
        _second.Fails(FailureKind.RateLimited, TimeSpan.FromSeconds(20), times: 1);
        await using TestComposite composite = new([_first, _second]);
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(19.999));
        task.IsCompleted.Should().BeFalse();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.001));
        task.IsCompleted.Should().BeTrue();
        (await task).GetProvider().Should().Be("second");
        _first.Calls.Should().HaveCount(1);
    }

    [Fact]
    public async Task Retry_WithoutABackoff_IsMadeAtOnce()
    {
        _first.Fails(FailureKind.Transient, times: 1);
        await using TestComposite composite = new([_first], static o => (o.Retry.BaseDelay, o.Retry.MaxDelay) = (TimeSpan.Zero, TimeSpan.Zero));
        Task<ChatResponse> task = composite.AskAsync();
        task.IsCompleted.Should().BeTrue();
        (await task).GetAttempts().Should().Be(2);
    }

    [Fact]
    public async Task Retry_WouldBeginAtTheDeadline_FailsAtOnceAndCostsNoBudget()
    {
        _first.Fails(FailureKind.RateLimited, TimeSpan.FromSeconds(20), times: 1);
        await using TestComposite composite = new([_first], static o =>
        {
            o.Timeouts.Total = TimeSpan.FromSeconds(20);
            (o.Retry.BudgetMinimum, o.Retry.BudgetRatio) = (1, 0);
        });
        (await FailsAtOnceAsync(composite.AskAsync())).RetryAfter.Should().Be(TimeSpan.FromSeconds(20));
        composite.Clock.Advance(TimeSpan.FromSeconds(20));
        _first.Fails(FailureKind.Transient, times: 2);
        (await composite.RunAsync(composite.AskAsync())).GetAttempts().Should().Be(2, "the one retry of the budget was not used up");
    }

    [Theory]
    [InlineData(10.0, 60.0, true)]
    [InlineData(9.999, 60.0, false)] // it does not wait that long
    [InlineData(60.0, 10.0, false)] // its own deadline comes first
    public async Task WaitForFirst_ComesBackAtTheLastMoment_IsServedThen(double wait, double total, bool served)
    {
        _first.Fails(FailureKind.ConnectionLost, times: 1);
        await using TestComposite composite = new([_first], o =>
        {
            o.Retry.MaxRetries = 0;
            (o.Circuit.ConsecutiveFailures, o.Circuit.PanicInterval, o.Circuit.BreakDuration) = (1, TimeSpan.FromHours(1), TimeSpan.FromSeconds(10));
            o.Timeouts.Total = TimeSpan.FromSeconds(total);
            o.Routes["r"] = new RouteOptions { WaitForFirst = TimeSpan.FromSeconds(wait), Targets = { new TargetOptions { Provider = "first" } } };
        });
        await FailsAtOnceAsync(composite.AskAsync()); // who has been tried is not waited for
        Task<ChatResponse> task = composite.AskAsync();
        if (!served)
        {
            (await FailsAtOnceAsync(task)).RetryAfter.Should().Be(TimeSpan.FromSeconds(10));
            return;
        }

        composite.Clock.Advance(TimeSpan.FromSeconds(9.999));
        task.IsCompleted.Should().BeFalse();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.001));
        task.IsCompleted.Should().BeTrue();
        (await task).Text.Should().Be("ok");
    }

    [Fact]
    public async Task WaitForFirst_FreeByTheClockButBusy_IsAskedAgainAfterAShortWhile()
    {
        TaskCompletionSource<ChatResponse> gate = new();
        _first.Answer = (n, _) => n == 0 ? gate.Task : Task.FromResult(Reply.Whole("next"));
        await using TestComposite composite = new([_first], static o =>
        {
            o.Providers["first"] = new ProviderOptions { MaxConcurrency = 1 };
            o.Routes["r"] = new RouteOptions { WaitForFirst = TimeSpan.FromSeconds(10), Targets = { new TargetOptions { Provider = "first" } } };
        });
        Task<ChatResponse> holder = composite.AskAsync(), waiting = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromMilliseconds(500));
        gate.SetResult(Reply.Whole("done"));
        await holder;
        waiting.IsCompleted.Should().BeFalse("it looks again when its while is over");
        composite.Clock.Advance(TimeSpan.FromMilliseconds(50));
        waiting.IsCompleted.Should().BeTrue();
        (await waiting).Text.Should().Be("next");
    }

    [Fact]
    public async Task WaitForFirst_OnlyAnOperatorKnowsWhen_FailsAtOnce()
    {
        await using TestComposite composite = new([_first], static o => o.Routes["r"] = new RouteOptions { WaitForFirst = TimeSpan.FromMinutes(10), Targets = { new TargetOptions { Provider = "first" } } });
        composite.Catalog.Isolate("first");
        NoProvidersAvailableException error = await FailsAtOnceAsync(composite.AskAsync());
        error.RetryAfter.Should().BeNull();
        error.Targets.Should().ContainSingle().Which.Should().Match<TargetOutcome>(static t => t.Skipped == SkipReason.Isolated && t.RetryAfter == null);
    }

    [Fact]
    public async Task GiveUp_SaysOfEachWhenItMayBeAskedAgain_AndOfAllTheSoonest()
    {
        _first.Fails(FailureKind.RateLimited, TimeSpan.FromSeconds(30));
        _second.Fails(FailureKind.RateLimited, TimeSpan.FromSeconds(20));
        FakeProvider remote = new("remote");
        await using TestComposite composite = new([_first, _second, remote], static o =>
        {
            o.Retry.MaxRetries = 0;
            o.Routes["r"] = new RouteOptions { LocalOnly = true };
            foreach (string name in (string[])["first", "second", "remote"])
            {
                o.Routes["r"].Targets.Add(new TargetOptions { Provider = name });
                o.Providers[name] = new ProviderOptions { Local = name != "remote" };
            }
        });
        for (int i = 0; i < 2; i++)
        {
            NoProvidersAvailableException error = await FailsAtOnceAsync(composite.AskAsync());
            error.Targets.Select(static t => (t.Provider, t.Skipped, t.RetryAfter?.TotalSeconds)).Should().Equal(
                ("first", i == 0 ? SkipReason.None : SkipReason.RateLimited, 30),
                ("second", i == 0 ? SkipReason.None : SkipReason.RateLimited, 20),
                ("remote", SkipReason.NotLocal, null));
            error.RetryAfter.Should().Be(TimeSpan.FromSeconds(20), "the remote one is free, but may not serve it");
        }

        _first.Calls.Should().HaveCount(1);
    }

    private static async Task<NoProvidersAvailableException> FailsAtOnceAsync(Task<ChatResponse> task)
    {
        task.IsCompleted.Should().BeTrue("there is nothing to wait for");
        return (await FluentActions.Awaiting(() => task).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
    }

    private static MetricCollector<T> Collect<T>(TestComposite composite, string name)
        where T : struct
    {
        _ = composite.Chat;
        return new MetricCollector<T>(composite.Services.GetRequiredService<IMeterFactory>(), "Providers", name);
    }
}
