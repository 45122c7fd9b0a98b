using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Providers.Tests.Support;

namespace Providers.Tests.Failover;

/// <summary>The host's own judge of an answer: what it refuses, throws or is left with.</summary>
public sealed class JudgeTests
{
    private readonly FakeProvider _first = new("first");
    private readonly FakeProvider _second = new("second");

    [Fact]
    public async Task Refuses_AnAnswerThatCameLater_SecondServes()
    {
        TaskCompletionSource<ChatResponse> slow = new();
        _first.Answer = (_, _) => slow.Task;
        await using TestComposite composite = Create(static (response, _) => new ValueTask<bool>(response.Text != "bad"));
        Task<ChatResponse> task = composite.AskAsync();
        slow.SetResult(Reply.Whole("bad"));
        (await task).GetProvider().Should().Be("second");
        composite.Catalog.GetProviders()[0].Targets[0].Should().Match<TargetStatus>(static t => t.Failures == 1 && t.Successes == 0);
    }

    [Theory]
    [InlineData(false, "threw InvalidOperationException: broken judge")]
    [InlineData(true, "threw OperationCanceledException: judge gave up")] // its own time-out, not the caller's wish
    public async Task Throws_IsAFailureOfTheAnswerAndNamesTheRoute(bool cancels, string message)
    {
        await using TestComposite composite = Create((response, _) => cancels
            ? throw new OperationCanceledException("judge gave up")
            : throw new InvalidOperationException("broken judge"));
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets.Should().HaveCount(2).And.OnlyContain(t => t.Failure!.Kind == FailureKind.InvalidResponse && t.Failure.Message == $"The judge of route 'chat' {message}");
    }

    [Fact]
    public async Task CallerLeavesDuringTheJudgement_IsTheCallersCancellationAndBlamesNobody()
    {
        List<Activity> ended = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = static s => s.Name == "Providers",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (ended) // other tests' spans come here too
                {
                    ended.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using CancellationTokenSource caller = new();
        await using TestComposite composite = Create(static async (_, token) => await Reply.Never<bool>(token));
        using Activity root = new Activity("test").Start();
        Task<ChatResponse> task = composite.AskAsync(token: caller.Token);
        task.IsCompleted.Should().BeFalse();
        await caller.CancelAsync();
        await FluentActions.Awaiting(() => task).Should().ThrowAsync<OperationCanceledException>();
        composite.Catalog.GetProviders().Should().OnlyContain(static p => p.InFlight == 0 && p.Targets[0].Failures == 0);
        composite.Host.Plans.Current.Budget.Requests.Should().Be(0);
        _second.Calls.Should().BeEmpty();
        lock (ended)
        {
            ended.Where(a => a.RootId == root.RootId).Select(static a => a.OperationName).Should().Equal("attempt", "composite");
        }
    }

    private TestComposite Create(Func<ChatResponse, CancellationToken, ValueTask<bool>> judge) => new([_first, _second], static o => o.Retry.MaxRetries = 0, b => b.AddRoute("chat", route =>
    {
        route.Targets.Add(new TargetOptions { Provider = "first" });
        route.Targets.Add(new TargetOptions { Provider = "second" });
        route.Accept = judge;
    }));
}
