using Providers.Attempts;
using Providers.Tests.Support;
using Providers.Timing;

namespace Providers.Tests.Attempts;

/// <summary>When an attempt may be used for another request, and what it must have forgotten by then.</summary>
public sealed class AttemptTests
{
    private readonly CountingClock _time = new();
    private readonly Clock _clock;
    private readonly TaskCompletionSource _client = new();

    public AttemptTests() => _clock = new Clock(_time);

    private long Later => _clock.Now + _clock.Units(TimeSpan.FromHours(1));

    [Fact]
    public async Task Reset_ClientEnded_IsFitForAnotherRequestAndHasForgottenTheCaller()
    {
        using CancellationTokenSource earlier = new();
        Attempt attempt = new(_clock);
        ValueTask<AttemptSignal> wait = attempt.WaitAsync(_client.Task, Later, earlier.Token);
        _client.SetResult();
        (await wait).Should().Be(AttemptSignal.Completed);
        attempt.TryReset().Should().BeTrue();

        TaskCompletionSource other = new();
        ValueTask<AttemptSignal> next = attempt.WaitAsync(other.Task, Later, CancellationToken.None);
        await earlier.CancelAsync();
        attempt.Token.IsCancellationRequested.Should().BeFalse("the earlier request's caller has no part in this one");
        next.IsCompleted.Should().BeFalse();
        other.SetResult();
        (await next).Should().Be(AttemptSignal.Completed);
    }

    [Fact]
    public void Reset_ClientIsStillAtWork_IsThrownAway()
    {
        Attempt attempt = new(_clock);
        _ = attempt.WaitAsync(_client.Task, Later, CancellationToken.None).AsTask();
        attempt.IsInnerPending.Should().BeTrue();
        attempt.TryReset().Should().BeFalse("the client may still hold its token");
        _time.Live.Should().Be(0, "a timer would keep it alive for an hour");
    }

    [Fact]
    public async Task Reset_AbortedAndEnded_IsThrownAway()
    {
        Attempt attempt = new(_clock);
        ValueTask<AttemptSignal> wait = attempt.WaitAsync(_client.Task, Later, CancellationToken.None);
        attempt.Abort();
        (await wait).Should().Be(AttemptSignal.Aborted);
        _client.SetResult();
        await ThrownAwayAsync(attempt);
    }

    [Fact]
    public async Task Reset_CallerLeftAndItEnded_IsThrownAway()
    {
        using CancellationTokenSource caller = new();
        Attempt attempt = new(_clock);
        ValueTask<AttemptSignal> wait = attempt.WaitAsync(_client.Task, Later, caller.Token);
        await caller.CancelAsync();
        (await wait).Should().Be(AttemptSignal.Cancelled);
        _client.SetResult();
        await ThrownAwayAsync(attempt);
    }

    [Fact]
    public async Task Reset_TimedOutAndEnded_IsThrownAway()
    {
        Attempt attempt = new(_clock);
        (await attempt.WaitAsync(_client.Task, _clock.Now, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromMinutes(2))).Should().Be(AttemptSignal.TimedOut);
        _client.SetResult();
        await ThrownAwayAsync(attempt);
    }

    // What the client left behind comes to its end on its own; only then is the token's state alone to blame.
    private async Task ThrownAwayAsync(Attempt attempt)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        attempt.WhenInnerEnds(ended.SetResult);
        await ended.Task.WaitAsync(TimeSpan.FromMinutes(2));
        attempt.IsInnerPending.Should().BeFalse();
        attempt.Token.IsCancellationRequested.Should().BeTrue();
        attempt.TryReset().Should().BeFalse();
        _time.Live.Should().Be(0);
    }
}
