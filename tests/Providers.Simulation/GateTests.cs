using System.Diagnostics;

namespace Providers.Simulation;

/// <summary>
/// The reliability gates on virtual time. SIM_SEED replays one seed; SIM_SEEDS runs so many. A failing seed is in the message.
/// </summary>
public sealed class GateTests(ITestOutputHelper output)
{
    [Fact]
    public async Task G1_AnyWeather_EveryAnswerIsHonestInTimeAndReplayable()
    {
        TimeSpan length = TimeSpan.FromMinutes(8);
        long requests = 0, attempts = 0;
        TimeSpan virtualTime = TimeSpan.Zero;
        long started = Stopwatch.GetTimestamp();
        foreach (int seed in Seeds.All)
        {
            await using Run run = Mixed(seed, length);
            foreach (Outcome outcome in run.Outcomes)
            {
                string what = $"seed {seed}, request at {outcome.Started}: {outcome.Text} {outcome.Error?.Message}";
                outcome.IsDone.Should().BeTrue(what);
                outcome.IsHonest.Should().BeTrue(what);
                (outcome.Ended - outcome.Started).Should().BeLessThanOrEqualTo(Run.Deadline, what);
                outcome.Attempts.Should().BeLessThanOrEqualTo(8, what);
            }

            run.Catalog.GetProviders().Should().OnlyContain(static p => p.InFlight == 0, "seed {0} left nothing behind", seed);
            requests += run.Outcomes.Count;
            attempts += run.Attempts;
            virtualTime += run.Elapsed;
            if (seed % 20 == 0)
            {
                await using Run again = Mixed(seed, length);
                again.Log.Digest.Should().Be(run.Log.Digest, "seed {0} replays bit for bit", seed);
            }
        }

        output.WriteLine($"{Seeds.All.Count} seeds, {virtualTime.TotalHours:F1} virtual hours, {requests} requests, {attempts} attempts, {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
        virtualTime.Should().BeGreaterThan(Seeds.All.Count >= 200 ? TimeSpan.FromHours(24) : TimeSpan.Zero);
    }

    [Fact]
    public async Task G2_OneTargetIsHealthy_EveryUncommittedRequestIsServed()
    {
        foreach (int seed in Seeds.All.Take(60))
        {
            await using Run run = new(seed, static r => [Weather.Changing(r, TimeSpan.FromMinutes(5)), Weather.Changing(r, TimeSpan.FromMinutes(5)), Weather.Always(Condition.Fair)]);
            run.Send(TimeSpan.FromMinutes(5), 3);
            run.Settle();
            run.Outcomes.Where(static o => !o.Served && o.Error is not ProviderException { OutputCommitted: true }).Should().BeEmpty("seed {0}", seed);
        }
    }

    [Fact]
    public async Task G2_OneTargetIsHealthyAndStreamsContinue_EveryRequestIsServed()
    {
        foreach (int seed in Seeds.All.Take(60))
        {
            await using Run run = new(
                seed, static r => [Weather.Changing(r, TimeSpan.FromMinutes(5)), Weather.Always(Condition.Fair)],
                static o => o.Streams.Recovery = StreamRecovery.Continue);
            run.Send(TimeSpan.FromMinutes(5), 3);
            run.Settle();
            run.Outcomes.Where(static o => !o.Served).Should().BeEmpty("seed {0}", seed);
        }
    }

    [Theory]
    [InlineData(nameof(Condition.Refusing))]
    [InlineData(nameof(Condition.Overloaded))]
    [InlineData(nameof(Condition.Silent))]
    [InlineData(nameof(Condition.Frozen))]
    [InlineData(nameof(Condition.Limited))]
    public async Task G2_FullOutageOfOne_AttemptsStayNearOnePerRequest(string outage)
    {
        double worst = 0;
        foreach (int seed in Seeds.All.Take(20))
        {
            await using Run run = new(seed, _ => [Weather.Always(Enum.Parse<Condition>(outage)), Weather.Always(Condition.Fair)]);
            run.Send(TimeSpan.FromMinutes(5), 5, streams: outage == nameof(Condition.Frozen) ? 1 : 0.5);
            run.Settle();
            worst = Math.Max(worst, (double)run.Attempts / run.Outcomes.Count);
            run.Outcomes.Should().OnlyContain(static o => o.Served, "seed {0}", seed);
        }

        output.WriteLine($"{outage}: at most {worst:F3} attempts a request");
        worst.Should().BeLessThanOrEqualTo(1.1);
    }

    [Fact]
    public async Task G2_FullOutageOfAll_AttemptsStayBelowOnePerRequestAndEverythingIsNamed()
    {
        double worst = 0;
        foreach (int seed in Seeds.All.Take(20))
        {
            await using Run run = new(seed, static _ => [Weather.Always(Condition.Refusing), Weather.Always(Condition.Overloaded), Weather.Always(Condition.Refusing)]);
            run.Send(TimeSpan.FromSeconds(10), 5);
            int attempts = run.Attempts, requests = run.Outcomes.Count;
            run.Send(TimeSpan.FromMinutes(5), 5);
            run.Settle();
            worst = Math.Max(worst, (double)(run.Attempts - attempts) / (run.Outcomes.Count - requests));
            run.Outcomes.Should().OnlyContain(static o => o.Error is NoProvidersAvailableException, "seed {0}", seed);
            run.Outcomes.Should().OnlyContain(static o => ((NoProvidersAvailableException)o.Error!).Targets.Select(static t => t.Provider).Distinct().Count() == 3, "every target is named");
            run.Targets.Should().OnlyContain(static t => t.Attempts >= 5, "gate G7: even the dead are probed");
        }

        output.WriteLine($"all out: at most {worst:F3} attempts a request after the first ten seconds");
        worst.Should().BeLessThanOrEqualTo(1.1);
    }

    [Fact]
    public async Task G2_HalfOfTheErrorsAtRandom_AttemptsStayBelowOneAndAFifth()
    {
        double worst = 0;
        foreach (int seed in Seeds.All.Take(20))
        {
            await using Run run = new(seed, static _ => [Weather.Always(Condition.HalfFailing), Weather.Always(Condition.Fair)]);
            run.Send(TimeSpan.FromMinutes(5), 5);
            run.Settle();
            worst = Math.Max(worst, (double)run.Attempts / run.Outcomes.Count);
            run.Outcomes.Should().OnlyContain(static o => o.Served, "seed {0}", seed);
        }

        output.WriteLine($"half failing: at most {worst:F3} attempts a request");
        worst.Should().BeLessThanOrEqualTo(1.2);
    }

    [Fact]
    public async Task G6_PrimaryRecovers_TrafficReturnsWithinTheBreakAndGradually()
    {
        foreach (int seed in Seeds.All.Take(40))
        {
            TimeSpan back = TimeSpan.FromSeconds(30 + (seed % 30));
            await using Run run = new(
                seed, _ => [Weather.From(Condition.Refusing, back, Condition.Fair), Weather.Always(Condition.Fair)],
                static o => o.Health.Enabled = false);
            run.Send(back, 10, streams: 0);
            int before = run.Targets[0].Attempts;
            CircuitState state = run.Catalog.GetProviders()[0].Targets[0].Circuit;
            state.Should().NotBe(CircuitState.Closed, "seed {0}", seed);
            TimeSpan due = run.Catalog.GetProviders()[0].Targets[0].RetryAfter ?? TimeSpan.Zero;
            run.Send(due + TimeSpan.FromSeconds(1), 10, streams: 0);
            run.Targets[0].Attempts.Should().BeGreaterThan(before, "seed {0}: the break is over and the next request is the probe", seed);
            run.Send(TimeSpan.FromSeconds(12), 10, streams: 0);
            int share = run.Targets[0].Attempts;
            int all = run.Outcomes.Count;
            run.Send(TimeSpan.FromSeconds(10), 10, streams: 0);
            ((double)(run.Targets[0].Attempts - share) / (run.Outcomes.Count - all)).Should().BeGreaterThan(0.99, "seed {0}: all traffic is back", seed);
            run.Settle();
        }
    }

    private static Run Mixed(int seed, TimeSpan length)
    {
        Run run = new(seed, r => [Weather.Changing(r, length), Weather.Changing(r, length), Weather.Changing(r, length)], o =>
        {
            Random random = new(seed);
            o.Streams.Recovery = (StreamRecovery)random.Next(2);
            o.Routes["r"] = new RouteOptions { Policy = (SelectionPolicy)random.Next(6), WaitForFirst = TimeSpan.FromSeconds(random.Next(2) * 5) };
            o.Routes["r"].Hedging = random.Next(3) == 0 ? new HedgingOptions { InitialDelay = TimeSpan.FromSeconds(1) } : null;
            foreach (string name in (string[])["t0", "t1", "t2"])
            {
                o.Routes["r"].Targets.Add(new TargetOptions { Provider = name });
            }

            o.Providers["t0"] = new ProviderOptions { MaxConcurrency = random.Next(2) == 0 ? 2 : null };
            o.Providers["t0"].QueueLimit = o.Providers["t0"].MaxConcurrency is null ? 0 : 3;
        });
        run.Send(length, 2);
        run.Settle();
        return run;
    }
}
