using CsCheck;
using Providers.Limits;
using Providers.Timing;

namespace Providers.Tests.Limits;

public sealed class LimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Budget_ManyRequests_GrantsAShareOfThem()
    {
        RetryBudget budget = new(0.2, 3);
        Enumerable.Range(0, 10).Count(_ => budget.TryTake()).Should().Be(3, "the minimum holds while little is under way");
        budget.Return(3);
        for (int i = 0; i < 100; i++)
        {
            budget.Enter();
        }

        Enumerable.Range(0, 100).Count(_ => budget.TryTake()).Should().Be(20);
        budget.Return(20);
        for (int i = 0; i < 100; i++)
        {
            budget.Leave();
        }

        budget.Requests.Should().Be(0);
        Enumerable.Range(0, 10).Count(_ => budget.TryTake()).Should().Be(3);
    }

    [Fact]
    public async Task Gate_Full_ServesItsQueueInOrder()
    {
        ConcurrencyGate gate = new(2, 2);
        gate.TryEnter().Should().BeTrue();
        gate.TryEnter().Should().BeTrue();
        gate.TryEnter().Should().BeFalse();
        Task<bool> first = gate.TryQueue(default)!;
        Task<bool> second = gate.TryQueue(default)!;
        gate.TryQueue(default).Should().BeNull("the queue is full");
        gate.Queued.Should().Be(2);
        gate.Leave();
        (await first).Should().BeTrue();
        second.IsCompleted.Should().BeFalse();
        gate.Leave();
        (await second).Should().BeTrue();
        gate.Taken.Should().Be(2, "places passed on from hand to hand");
        gate.Leave();
        gate.Leave();
        gate.Taken.Should().Be(0);
        (await gate.TryQueue(default)!).Should().BeTrue("a free place needs no queue");
    }

    [Fact]
    public async Task Gate_WaiterGivesUp_LeavesTheQueueAndTakesNoPlace()
    {
        ConcurrencyGate gate = new(1, 5);
        gate.TryEnter();
        using CancellationTokenSource source = new();
        Task<bool> impatient = gate.TryQueue(source.Token)!;
        Task<bool> patient = gate.TryQueue(default)!;
        await source.CancelAsync();
        (await impatient).Should().BeFalse();
        gate.Leave();
        (await patient).Should().BeTrue();
        gate.Taken.Should().Be(1);
    }

    [Fact]
    public async Task Gate_WhenEmpty_CompletesWithTheLastOne()
    {
        ConcurrencyGate gate = new(null, 0);
        gate.WhenEmpty().IsCompleted.Should().BeTrue();
        gate.TryEnter();
        gate.TryEnter();
        Task empty = gate.WhenEmpty();
        gate.Leave();
        empty.IsCompleted.Should().BeFalse();
        gate.Leave();
        await empty;
    }

    /// <summary>In no window does a bucket admit more than what a minute refills plus its burst, and nothing refunded is lost.</summary>
    [Fact]
    public void Bucket_AnyArrivals_NeverAdmitsMoreThanLimitAndBurst() =>
        Gen.Select(Gen.Int[1, 600], Gen.Int[0, 3_000].List[1, 300]).Sample((perMinute, pauses) =>
        {
            FakeTimeProvider time = new();
            MinuteBucket bucket = new(perMinute, new Clock(time));
            List<double> admitted = [];
            double now = 0;
            foreach (int pause in pauses)
            {
                time.Advance(TimeSpan.FromMilliseconds(pause));
                now += pause;
                if (bucket.TryTake(1, time.GetTimestamp()))
                {
                    admitted.Add(now);
                }
            }

            for (int i = 0; i < admitted.Count; i++)
            {
                for (int j = i; j < admitted.Count; j++)
                {
                    if (j - i + 1 > perMinute + ((admitted[j] - admitted[i]) / 60_000 * perMinute) + 0.001)
                    {
                        return false;
                    }
                }
            }

            return true;
        }, iter: 200);

    [Fact]
    public void Bucket_RetryIn_IsWhenTheAmountIsThere()
    {
        MinuteBucket bucket = new(60, new Clock(_time));
        bucket.TryTake(60, _time.GetTimestamp()).Should().BeTrue();
        bucket.TryTake(10, _time.GetTimestamp()).Should().BeFalse();
        long wait = bucket.RetryIn(10, _time.GetTimestamp());
        TimeSpan.FromTicks(wait).Should().BeCloseTo(TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1));
        _time.Advance(TimeSpan.FromTicks(wait));
        bucket.TryTake(10, _time.GetTimestamp()).Should().BeTrue();
    }

    [Fact]
    public void Bucket_SettledWithMoreThanReserved_LeavesADebt()
    {
        MinuteBucket bucket = new(100, new Clock(_time));
        bucket.TryTake(10, _time.GetTimestamp()).Should().BeTrue();
        bucket.Settle(10 - 200, _time.GetTimestamp());
        bucket.TryTake(1, _time.GetTimestamp()).Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(70));
        bucket.TryTake(1, _time.GetTimestamp()).Should().BeTrue();
    }

    [Fact]
    public void Bucket_AskedForMoreThanItHolds_PassesWhenFullAndLeavesADebt()
    {
        MinuteBucket bucket = new(60, new Clock(_time));
        bucket.TryTake(61, _time.GetTimestamp()).Should().BeTrue("a long prompt is not refused for ever");
        bucket.TryTake(1, _time.GetTimestamp()).Should().BeFalse();
        bucket.RetryIn(1_000, _time.GetTimestamp()).Should().BeInRange(TimeSpan.FromSeconds(61).Ticks, TimeSpan.FromSeconds(61).Ticks + 1, "when it is full again");
        _time.Advance(TimeSpan.FromSeconds(60));
        bucket.TryTake(61, _time.GetTimestamp()).Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        bucket.TryTake(61, _time.GetTimestamp()).Should().BeTrue();
    }

    [Fact]
    public void Bucket_Refunded_HoldsNoMoreThanItsCapacity()
    {
        MinuteBucket bucket = new(10, new Clock(_time));
        bucket.Settle(100, _time.GetTimestamp());
        bucket.TryTake(10, _time.GetTimestamp()).Should().BeTrue();
        bucket.TryTake(1, _time.GetTimestamp()).Should().BeFalse();
        bucket.Settle(4, _time.GetTimestamp());
        bucket.TryTake(4, _time.GetTimestamp()).Should().BeTrue();
        bucket.TryTake(1, _time.GetTimestamp()).Should().BeFalse();
    }

    [Fact]
    public void Bucket_ClockStandsOrRunsBack_FillsNothing()
    {
        MinuteBucket bucket = new(60, new Clock(_time));
        long now = _time.GetTimestamp();
        bucket.TryTake(60, now).Should().BeTrue();
        bucket.TryTake(1, now - TimeSpan.FromHours(1).Ticks).Should().BeFalse();
        bucket.TryTake(1, now).Should().BeFalse();
        bucket.TryTake(1, now + TimeSpan.FromSeconds(1).Ticks).Should().BeTrue();
    }

    [Fact]
    public void Limits_RetryIn_IsTheLaterOfBoth()
    {
        Clock clock = new(_time);
        ProviderLimits limits = new(new ProviderOptions { RequestsPerMinute = 6, TokensPerMinute = 60 }, new RateDomain(), clock);
        limits.CountsTokens.Should().BeTrue();
        limits.RetryIn(0, clock.Now).Should().Be(0);
        for (int i = 0; i < 6; i++)
        {
            limits.TryReserve(10, clock.Now).Should().BeTrue();
        }

        limits.RetryIn(0, clock.Now).Should().BeInRange(TimeSpan.FromSeconds(10).Ticks, TimeSpan.FromSeconds(10).Ticks + 1, "the next request");
        limits.RetryIn(30, clock.Now).Should().BeInRange(TimeSpan.FromSeconds(30).Ticks, TimeSpan.FromSeconds(30).Ticks + 1, "thirty tokens");
        limits.Settle(10, 4, clock.Now);
        limits.RetryIn(30, clock.Now).Should().BeInRange(TimeSpan.FromSeconds(24).Ticks, TimeSpan.FromSeconds(24).Ticks + 1, "six of them came back");
        ProviderLimits none = new(new ProviderOptions(), new RateDomain(), clock);
        (none.CountsTokens, none.CanQueue, none.RetryIn(1_000_000, clock.Now), none.TryReserve(1_000_000, clock.Now)).Should().Be((false, false, 0, true));
        none.Settle(1, 2, clock.Now);
        none.Refund(1, clock.Now);
    }

    [Fact]
    public async Task Gate_WaiterWhoHasItsPlace_KeepsItWhenItsTokenFires()
    {
        ConcurrencyGate gate = new(1, 1);
        gate.TryEnter();
        using CancellationTokenSource source = new();
        Task<bool> place = gate.TryQueue(source.Token)!;
        gate.Leave();
        await source.CancelAsync();
        (await place).Should().BeTrue();
        (gate.Taken, gate.Queued).Should().Be((1, 0));
    }

    [Fact]
    public void Gate_WithoutALimit_OnlyCounts()
    {
        ConcurrencyGate gate = new(null, 0);
        Enumerable.Range(0, 1_000).Should().OnlyContain(_ => gate.TryEnter());
        (gate.Taken, gate.Queued).Should().Be((1_000, 0));
        gate.TryQueue(default).Should().BeNull("nobody ever has to wait");
        gate.Leave();
        gate.Taken.Should().Be(999);
    }

    [Fact]
    public async Task Gate_WhenEmpty_IsOneSignalForAllWhoWait()
    {
        ConcurrencyGate gate = new(2, 0);
        gate.TryEnter();
        Task one = gate.WhenEmpty(), two = gate.WhenEmpty();
        (one.IsCompleted, two.IsCompleted).Should().Be((false, false));
        gate.Leave();
        await Task.WhenAll(one, two);
        gate.TryEnter();
        gate.WhenEmpty().IsCompleted.Should().BeFalse("it is taken again");
    }

    [Fact]
    public void Budget_Share_IsRoundedDownAndTheMinimumIsNoCap()
    {
        RetryBudget budget = new(0.5, 1);
        for (int i = 0; i < 5; i++)
        {
            budget.Enter();
        }

        Enumerable.Range(0, 5).Select(_ => budget.TryTake()).Should().Equal(true, true, false, false, false);
        budget.Return(1);
        budget.TryTake().Should().BeTrue();
        budget.TryTake().Should().BeFalse("a refused one takes nothing");
    }

    [Fact]
    public void Limits_TokensRefused_GiveTheRequestBack()
    {
        Clock clock = new(_time);
        ProviderLimits limits = new(new ProviderOptions { RequestsPerMinute = 2, TokensPerMinute = 100 }, new RateDomain(), clock);
        limits.TryReserve(90, clock.Now).Should().BeTrue();
        limits.TryReserve(50, clock.Now).Should().BeFalse("tokens are short");
        limits.RetryIn(50, clock.Now).Should().BePositive();
        limits.TryReserve(10, clock.Now).Should().BeTrue("the refused request was not counted");
        limits.TryReserve(0, clock.Now).Should().BeFalse("requests are used up");
        limits.Refund(10, clock.Now);
        limits.TryReserve(0, clock.Now).Should().BeTrue();
    }

    [Fact]
    public void Domain_HeldTwice_KeepsTheLaterMoment()
    {
        RateDomain domain = new();
        domain.RetryIn(5).Should().Be(0);
        domain.HoldUntil(100);
        domain.HoldUntil(50);
        domain.RetryIn(60).Should().Be(40);
        domain.Release();
        domain.RetryIn(60).Should().Be(0);
    }

    /// <summary>No number of threads gets more places than there are.</summary>
    [Fact]
    public async Task Gate_ManyThreads_NeverExceedsItsLimit()
    {
        ConcurrencyGate gate = new(4, 100);
        int inside = 0, most = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 500; i++)
            {
                if (!gate.TryEnter() && (gate.TryQueue(default) is not { } place || !await place))
                {
                    continue;
                }

                int now = Interlocked.Increment(ref inside);
                InterlockedMax(ref most, now);
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                gate.Leave();
            }
        })));
        most.Should().BeLessThanOrEqualTo(4);
        gate.Taken.Should().Be(0);
        gate.Queued.Should().Be(0);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref target)) && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
