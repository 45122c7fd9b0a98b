namespace Providers.Simulation;

/// <summary>Gates G6 and G7: the dead are probed one request at a time, never given up, and taken back gradually.</summary>
public sealed class RecoveryGateTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Break = new CircuitOptions().BreakDuration;

    [Fact]
    public async Task G6_PrimaryHasRecovered_NoHerdComesInItsFirstSecond()
    {
        double worst = 0;
        foreach (int seed in Seeds.All.Take(40))
        {
            TimeSpan back = TimeSpan.FromSeconds(30 + (seed % 30));
            await using Run run = new(seed, _ => [Weather.From(Condition.Refusing, back, Condition.Fair), Weather.Always(Condition.Fair)], static o => o.Health.Enabled = false);
            run.Send(back, 20, streams: 0);
            while (CircuitOf(run, 0) != CircuitState.Closed)
            {
                run.Elapsed.Should().BeLessThan(back + TimeSpan.FromMinutes(2), "seed {0}", seed);
                run.Send(TimeSpan.FromMilliseconds(10), 20, streams: 0);
            }

            int before = run.Targets[0].Attempts, all = run.Outcomes.Count;
            run.Send(TimeSpan.FromSeconds(1), 400, streams: 0);
            worst = Math.Max(worst, (double)(run.Targets[0].Attempts - before) / (run.Outcomes.Count - all));
            run.Settle();
        }

        output.WriteLine($"at most {worst:P1} of the traffic in the first second after recovery");
        worst.Should().BeLessThanOrEqualTo(0.1);
    }

    [Theory]
    [InlineData(nameof(Condition.Refusing))]
    [InlineData(nameof(Condition.Silent))]
    public async Task G7_AllAreDead_EachIsProbedEveryBreakByOneRequestAtATime(string outage)
    {
        TimeSpan longest = TimeSpan.Zero;
        foreach (int seed in Seeds.All.Take(10))
        {
            await using Run run = new(seed, _ => [.. Enumerable.Repeat(Weather.Always(Enum.Parse<Condition>(outage)), 3)]);
            run.Send(TimeSpan.FromSeconds(90), 5); // what was under way when the circuits opened has ended
            int[] settled = [.. run.Targets.Select(static t => t.Attempts)];
            for (int i = 0; i < 600; i++)
            {
                run.Send(TimeSpan.FromMilliseconds(200), 5);
                foreach (ProviderStatus provider in run.Catalog.GetProviders())
                {
                    provider.InFlight.Should().BeLessThanOrEqualTo(1, "seed {0}: {1} is {2}", seed, provider.Descriptor.Name, provider.Targets[0].Circuit);
                }
            }

            for (int i = 0; i < run.Targets.Length; i++)
            {
                TimeSpan[] probes = [.. run.Targets[i].Began.Skip(settled[i])];
                TimeSpan gap = probes.Zip(probes.Skip(1), static (a, b) => b - a).Max();
                longest = gap > longest ? gap : longest;
            }

            run.Settle();
            run.Outcomes.Where(static o => o.Error is NoProvidersAvailableException)
                .Should().OnlyContain(static o => ((NoProvidersAvailableException)o.Error!).Targets.Select(static t => t.Provider).Distinct().Count() == 3, "every target is named");
        }

        // A probe that hangs holds its place until its own deadline, so the next one comes a break after that at the latest.
        TimeSpan most = outage == nameof(Condition.Silent) ? Break + TimeSpan.FromSeconds(10) : Break;
        output.WriteLine($"{outage}: at most {longest.TotalSeconds:F1} s between two probes of a dead target");
        longest.Should().BeLessThanOrEqualTo(most);
    }

    private static CircuitState CircuitOf(Run run, int index) => run.Catalog.GetProviders()[index].Targets[0].Circuit;
}
