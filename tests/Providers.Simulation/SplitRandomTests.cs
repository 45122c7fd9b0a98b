namespace Providers.Simulation;

public sealed class SplitRandomTests
{
    private static readonly string[] Names = ["healthy", "+1 % errors", "leak, +0.5 % errors a minute"];

    /// <summary>If two streams were one, shifted, a number of one would turn up in the other: 3,000 streams of 500 numbers share none.</summary>
    [Fact]
    public void Streams_OfAnyRunOfAnyScenario_ShareNoNumber()
    {
        HashSet<ulong> seen = [];
        foreach (string name in Names)
        {
            for (int run = 0; run < 1_000; run++)
            {
                SplitRandom random = new(name, run);
                for (int i = 0; i < 500; i++)
                {
                    seen.Add(random.Next()).Should().BeTrue("number {0} of run {1} of '{2}' is nobody else's", i, run, name);
                }
            }
        }
    }

    [Fact]
    public void Stream_OfOneRun_IsTheSameEveryTime() => Draw("healthy", 7).Should().Equal(Draw("healthy", 7));

    /// <summary>Neighbouring runs are no more alike than chance has it: first numbers fall evenly, and so do differences of neighbours.</summary>
    [Fact]
    public void NeighbouringRuns_AreNotCorrelated()
    {
        const int Runs = 20_000;
        double[] first = [.. Enumerable.Range(0, Runs).Select(static r => new SplitRandom("healthy", r).NextDouble() - 0.5)];
        double sum = 0;
        for (int i = 1; i < Runs; i++)
        {
            sum += first[i] * first[i - 1];
        }

        // Of independent numbers the correlation has a standard deviation of 1 / sqrt(n); the numbers are fixed, so this passes or fails for good.
        (sum * 12 / Runs).Should().BeInRange(-4 / Math.Sqrt(Runs), 4 / Math.Sqrt(Runs));
        first.Average().Should().BeInRange(-0.01, 0.01);
    }

    private static IEnumerable<ulong> Draw(string name, int run)
    {
        SplitRandom random = new(name, run);
        for (int i = 0; i < 100; i++)
        {
            yield return random.Next();
        }
    }
}
