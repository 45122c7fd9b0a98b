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
}
