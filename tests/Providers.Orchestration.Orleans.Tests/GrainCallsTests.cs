using Orleans.Runtime;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>Calls while silos come and go.</summary>
public sealed class GrainCallsTests
{
    private readonly FakeTimeProvider _time = new();
    private int _calls;

    [Fact]
    public async Task Repeat_SiloIsAway_CallsAgain() =>
        (await ThroughWaitsAsync(_time.RepeatAsync(() => Call(fails: 3, static () => new SiloUnavailableException()), static _ => false, default))).Should().Be(4);

    [Fact]
    public async Task Repeat_SiloStaysAway_GivesUp()
    {
        await FluentActions.Awaiting(() => ThroughWaitsAsync(_time.RepeatAsync(() => Call(fails: 100, static () => new TimeoutException("away")), static _ => false, default))).Should().ThrowAsync<TimeoutException>().WithMessage("away");
        _calls.Should().Be(8);
    }

    [Fact]
    public async Task Repeat_AnotherFault_IsTheCallersAtOnce()
    {
        await FluentActions.Awaiting(() => _time.RepeatAsync(() => Call(fails: 1, static () => new IOException()), static _ => false, default)).Should().ThrowAsync<IOException>();
        _calls.Should().Be(1);
    }

    [Fact]
    public async Task Once_SiloIsAway_IsTheCallersAtOnce()
    {
        await FluentActions.Awaiting(() => _time.OnceAsync(() => Call(fails: 1, static () => new SiloUnavailableException()), static _ => false, default)).Should().ThrowAsync<SiloUnavailableException>("it may have been done");
        _calls.Should().Be(1);
    }

    [Fact]
    public async Task Once_GrainMoves_CallsAgainUntilItHas() =>
        (await ThroughWaitsAsync(_time.OnceAsync(() => Call(0, static () => new IOException()), static reply => reply < 3, default))).Should().Be(3);

    [Fact]
    public async Task Once_GrainNeverArrives_GivesTheLastReply() =>
        (await ThroughWaitsAsync(_time.OnceAsync(() => Call(0, static () => new IOException()), static _ => true, default))).Should().Be(8);

    [Fact]
    public async Task Call_Cancelled_EndsAtOnce()
    {
        using CancellationTokenSource source = new();
        Task<int> call = _time.RepeatAsync(static () => new TaskCompletionSource<int>().Task, static _ => false, source.Token);
        await source.CancelAsync();
        await FluentActions.Awaiting(() => call).Should().ThrowAsync<OperationCanceledException>();
    }

    private Task<int> Call(int fails, Func<Exception> error) => Interlocked.Increment(ref _calls) <= fails ? Task.FromException<int>(error()) : Task.FromResult(_calls);

    private async Task<T> ThroughWaitsAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return await task;
    }
}
