using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Providers.Tests.Support;

namespace Providers.Tests.Failover;

/// <summary>A second attempt beside a slow first one: when it starts, which of the two is used, and what becomes of the other.</summary>
public sealed class HedgeTests
{
    private readonly FakeProvider _first = new("first");
    private readonly FakeProvider _second = new("second");

    [Fact]
    public async Task FirstIsSlow_SecondStartsAndWins()
    {
        _first.Hangs();
        await using TestComposite composite = Create(new HedgingOptions { Delay = TimeSpan.FromSeconds(1) });
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.9));
        _second.Calls.Should().BeEmpty();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.2));
        ChatResponse response = await task;
        response.GetProvider().Should().Be("second");
        response.GetAttempts().Should().Be(2);
        composite.Catalog.GetProviders().Should().OnlyContain(static p => p.InFlight == 0 && p.Targets[0].Failures == 0);

        Task<Reading> streamed = Reading.OfAsync(composite.Stream());
        composite.Clock.Advance(TimeSpan.FromSeconds(1.1));
        (await streamed).Text.Should().Be(Reply.Canonical);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task QuickerOneFails_TheSlowerOneServes(bool firstFails)
    {
        TaskCompletionSource<ChatResponse> slow = new(), quick = new();
        _first.Answer = (_, _) => firstFails ? quick.Task : slow.Task;
        _second.Answer = (_, _) => firstFails ? slow.Task : quick.Task;
        await using TestComposite composite = Create(new HedgingOptions());
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(2));
        quick.SetException(new IOException("gone"));
        task.IsCompleted.Should().BeFalse();
        slow.SetResult(Reply.Whole("slow"));
        (await task).Text.Should().Be("slow");
        composite.Catalog.GetProviders().Sum(static p => p.Targets[0].Failures).Should().Be(1);
        composite.Catalog.GetProviders().Should().OnlyContain(static p => p.InFlight == 0);
    }

    [Fact]
    public async Task BothFail_BothAreTold()
    {
        TaskCompletionSource<ChatResponse>[] answers = [new(), new()];
        _first.Answer = (_, _) => answers[0].Task;
        _second.Answer = (_, _) => answers[1].Task;
        await using TestComposite composite = Create(new HedgingOptions { Delay = TimeSpan.FromSeconds(1) });
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(1));
        answers[1].SetException(new IOException("second is gone"));
        answers[0].SetException(new IOException("first is gone"));
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => task).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets.Select(static t => (t.Provider, t.Failure!.Message)).Should().Equal(("second", "second is gone"), ("first", "first is gone"));
        composite.Catalog.GetProviders().Should().OnlyContain(static p => p.InFlight == 0 && p.Targets[0].Failures == 1);
    }

    [Fact]
    public async Task CallerCancels_BothEnd()
    {
        _first.Hangs(obeysToken: false);
        _second.Hangs(obeysToken: false);
        await using TestComposite composite = Create(new HedgingOptions { Delay = TimeSpan.FromSeconds(1) });
        using CancellationTokenSource source = new();
        Task<ChatResponse> task = composite.AskAsync(token: source.Token);
        composite.Clock.Advance(TimeSpan.FromSeconds(1));
        _second.Calls.Should().HaveCount(1);
        await source.CancelAsync();
        (await FluentActions.Awaiting(() => task).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(source.Token);
        composite.Catalog.GetProviders().Should().OnlyContain(static p => p.InFlight == 0 && p.Targets[0].Failures == 0);
    }

    [Fact]
    public async Task FirstIsQuick_SecondIsNeverAsked()
    {
        await using TestComposite composite = Create(new HedgingOptions());
        (await composite.AskAsync()).GetAttempts().Should().Be(1);
        composite.Clock.Advance(TimeSpan.FromMinutes(1));
        _second.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Delay_NothingObserved_IsTheInitialOne()
    {
        _first.Hangs();
        await using TestComposite composite = Create(new HedgingOptions { InitialDelay = TimeSpan.FromSeconds(3) });
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(2.999));
        _second.Calls.Should().BeEmpty();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.001));
        (await task).GetProvider().Should().Be("second");
    }

    [Theory]
    [InlineData(null, 0.5)]
    [InlineData(2.0, 2.0)]
    public async Task Delay_TargetHasShownItsPace_IsThatUnlessItIsFixed(double? fixedDelay, double seconds)
    {
        await using TestComposite composite = Create(new HedgingOptions { Delay = fixedDelay is { } d ? TimeSpan.FromSeconds(d) : null, InitialDelay = TimeSpan.FromSeconds(3) });
        TakesHalfASecondOnceThenHangs(composite.Clock);
        (await composite.RunAsync(composite.AskAsync())).GetProvider().Should().Be("first");
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(seconds - 0.001));
        _second.Calls.Should().BeEmpty();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.001));
        (await task).GetProvider().Should().Be("second");
    }

    [Fact]
    public async Task Budget_IsGivenBackWhenTheRequestHasEnded()
    {
        _first.Hangs();
        await using TestComposite composite = Create(new HedgingOptions { Delay = TimeSpan.FromSeconds(1) }, static o => (o.Retry.BudgetMinimum, o.Retry.BudgetRatio) = (1, 0));
        for (int i = 1; i <= 5; i++)
        {
            Task<ChatResponse> task = composite.AskAsync();
            composite.Clock.Advance(TimeSpan.FromSeconds(1));
            (await task).GetProvider().Should().Be("second", "request {0} may hedge as the one before it might", i);
        }
    }

    [Fact]
    public async Task Budget_IsUsedUp_TheFirstIsWaitedFor()
    {
        TaskCompletionSource<ChatResponse> slow = new();
        _first.Answer = (_, _) => slow.Task;
        await using TestComposite composite = Create(new HedgingOptions { Delay = TimeSpan.FromSeconds(1) }, static o => (o.Retry.BudgetMinimum, o.Retry.BudgetRatio) = (0, 0));
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromMinutes(1));
        _second.Calls.Should().BeEmpty();
        slow.SetResult(Reply.Whole("slow"));
        (await task).GetProvider().Should().Be("first");
    }

    [Fact]
    public async Task NoOtherTarget_TheFirstIsWaitedFor()
    {
        TaskCompletionSource<ChatResponse> slow = new();
        _first.Answer = (_, _) => slow.Task;
        await using TestComposite composite = Create(new HedgingOptions { Delay = TimeSpan.FromSeconds(1) });
        composite.Catalog.Isolate("second");
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(10));
        task.IsCompleted.Should().BeFalse();
        slow.SetResult(Reply.Whole("slow"));
        ChatResponse response = await task;
        (response.GetProvider(), response.GetAttempts()).Should().Be(("first", 1));
    }

    [Theory]
    [InlineData(true, "won")]
    [InlineData(false, "lost")]
    public async Task Race_IsCountedByWhoWonIt(bool secondServes, string result)
    {
        TaskCompletionSource<ChatResponse>[] answers = [new(), new()];
        _first.Answer = (_, _) => answers[0].Task;
        _second.Answer = (_, _) => answers[1].Task;
        await using TestComposite composite = Create(new HedgingOptions { Delay = TimeSpan.FromSeconds(1) });
        using MetricCollector<long> hedges = new(composite.Services.GetRequiredService<IMeterFactory>(), "Providers", "llm.hedges");
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(1));
        answers[secondServes ? 1 : 0].SetResult(Reply.Whole("served"));
        (await task).GetProvider().Should().Be(secondServes ? "second" : "first");
        hedges.GetMeasurementSnapshot().Should().ContainSingle().Which.Should().Match<CollectedMeasurement<long>>(m => m.Value == 1 && (string)m.Tags["result"]! == result);
        composite.Catalog.GetProviders().Should().OnlyContain(static p => p.InFlight == 0 && p.Targets[0].Failures == 0);
    }

    /// <summary>Both show their first content in one moment: one stream is used, the other must not stay open.</summary>
    [Fact]
    public async Task LoserHasAStreamOpen_ItIsLetGo()
    {
        TaskCompletionSource shown = new();
        bool letGo = false;
        _first.Stream = (_, _) => AfterAsync(shown.Task);
        _second.Stream = (_, _) =>
        {
            shown.SetResult();
            return WatchedAsync(() => letGo = true);
        };
        await using TestComposite composite = Create(new HedgingOptions { Delay = TimeSpan.FromSeconds(1) });
        Task<Reading> reading = Reading.OfAsync(composite.Stream());
        composite.Clock.Advance(TimeSpan.FromSeconds(1));
        (await reading).Updates.ToChatResponse().GetProvider().Should().Be("first");
        (await reading).Text.Should().Be(Reply.Canonical);
        letGo.Should().BeTrue();
        composite.Catalog.GetProviders().Should().OnlyContain(static p => p.InFlight == 0 && p.Targets[0].Failures == 0);
    }

    [Fact]
    public async Task FirstServesBeforeTheDelay_NoTimerIsLeft()
    {
        CountingClock clock = new();
        await using TestComposite composite = Create(new HedgingOptions { Delay = TimeSpan.FromMinutes(1) }, services: s => s.AddSingleton<TimeProvider>(clock));
        (await composite.AskAsync()).GetProvider().Should().Be("first");
        int before = clock.Live;
        TaskCompletionSource<ChatResponse> soon = new();
        _first.Answer = (_, _) => soon.Task;
        Task<ChatResponse> task = composite.AskAsync();
        clock.Live.Should().BeGreaterThan(before, "the delay and the attempt's own deadline");
        soon.SetResult(Reply.Whole("soon"));
        await task;
        clock.Live.Should().BeLessThanOrEqualTo(before + 1, "the pooled attempt keeps its timer; the delay is over");
    }

    private TestComposite Create(HedgingOptions hedging, Action<CompositeOptions>? configure = null, Action<IServiceCollection>? services = null) => new(
        [_first, _second],
        o =>
        {
            o.Retry.MaxRetries = 0;
            o.Routes["r"] = new RouteOptions { Hedging = hedging, Targets = { new TargetOptions { Provider = "first" }, new TargetOptions { Provider = "second" } } };
            configure?.Invoke(o);
        },
        services: s =>
        {
            s.AddMetrics();
            services?.Invoke(s);
        });

    private void TakesHalfASecondOnceThenHangs(TimeProvider clock) => _first.Answer = async (n, token) =>
    {
        await Task.Delay(n == 0 ? TimeSpan.FromMilliseconds(500) : Timeout.InfiniteTimeSpan, clock, token);
        return Reply.Whole("ok");
    };

    private static async IAsyncEnumerable<ChatResponseUpdate> AfterAsync(Task signal)
    {
        await signal;
        await foreach (ChatResponseUpdate update in Reply.Tokens())
        {
            yield return update;
        }
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> WatchedAsync(Action ended)
    {
        try
        {
            await foreach (ChatResponseUpdate update in Reply.Tokens())
            {
                yield return update;
            }
        }
        finally
        {
            ended();
        }
    }
}
