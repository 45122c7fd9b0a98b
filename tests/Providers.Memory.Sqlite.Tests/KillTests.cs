using System.Diagnostics;
using System.Globalization;

namespace Providers.Memory.Sqlite.Tests;

/// <summary>
/// Gate G8: child processes, each writing to several databases at once, die by kill -9; what they acknowledged on stdout is there. MEMORY_KILLS sets how
/// often a database loses its process: 200 unless it says otherwise.
/// </summary>
public abstract class KillTests(ITestOutputHelper output, int seed)
{
    private const int Databases = KillChild.Databases;
    private static readonly MemoryScope Scope = new("acme");

    [Fact]
    public async Task Stores_KilledWhileWriting_LoseNothingTheyAcknowledged()
    {
        int kills = Environment.GetEnvironmentVariable("MEMORY_KILLS") is { Length: > 0 } many ? int.Parse(many, CultureInfo.InvariantCulture) : 200;
        int rounds = (kills + (2 * Databases) - 1) / (2 * Databases); // two classes do half each, side by side
        TempFolder folder = new();
        List<int>[] acknowledged = [.. Enumerable.Range(0, Databases).Select(static _ => new List<int>())];
        int[] checkedUpTo = new int[Databases];
        int next = 0;
        for (int round = 0; round < rounds; round++)
        {
            using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
            {
                Environment = { ["MEMORY_KILL_CHILD"] = folder.Path, ["MEMORY_KILL_FROM"] = next.ToString(CultureInfo.InvariantCulture), ["DOTNET_TieredPGO"] = "0" },
                RedirectStandardOutput = true,
            })!;
            int lines = new Random((seed * 100_000) + round).Next(Databases, 120);
            for (int i = 0; i < lines && child.StandardOutput.ReadLine() is { } line; i++)
            {
                Take(line);
            }

            child.Kill();
            child.WaitForExit();
            while (child.StandardOutput.ReadLine() is { Length: > 0 } line)
            {
                Take(line);
            }

            for (int database = 0; database < Databases; database++)
            {
                await CheckAsync(folder.File($"{database}.db"), acknowledged[database][(round == rounds - 1 ? 0 : checkedUpTo[database])..], $"round {round}, database {database}");
                checkedUpTo[database] = acknowledged[database].Count;
            }

            if (round % 25 == 24)
            {
                output.WriteLine($"{round + 1} of {rounds} kills");
            }
        }

        acknowledged.Should().OnlyContain(static a => a.Count > 0);
        output.WriteLine($"{rounds * Databases} times a database lost its process ({rounds} kills), {acknowledged.Sum(static a => a.Count)} acknowledged transactions, none lost");

        void Take(string line)
        {
            if (line is [var letter, .., '.']) // a line that was cut by the kill is no acknowledgement
            {
                int number = int.Parse(line[1..^1], CultureInfo.InvariantCulture);
                acknowledged[letter - 'A'].Add(number);
                next = Math.Max(next, number + 1_000); // what was under way may or may not be there
            }
        }
    }

    private static async Task CheckAsync(string path, List<int> acknowledged, string when)
    {
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path });
        foreach (int number in acknowledged)
        {
            (await store.GetAsync(Scope, $"a{number}")).Should().NotBeNull("{0} was acknowledged, {1}", number, when);
            (await store.GetAsync(Scope, $"b{number}")).Should().NotBeNull("{0} was acknowledged, {1}", number, when);
        }

        MemoryStats stats = await store.GetStatsAsync(Scope);
        (stats.Count % 2).Should().Be(0, "each transaction is whole, {0}", when);
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0, 0, 0 }, VectorSpace = "s", Top = 200 })).Count.Should().Be((int)Math.Min(200, stats.Count), when);
        (await store.VerifyAsync()).Should().BeEmpty(when);
    }
}

public sealed class KillTestsFirstHalf(ITestOutputHelper output) : KillTests(output, 1);

public sealed class KillTestsSecondHalf(ITestOutputHelper output) : KillTests(output, 2);
