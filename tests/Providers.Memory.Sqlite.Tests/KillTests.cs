using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite.Tests;

/// <summary>Gate G8: child processes die by kill -9 while they write; what they acknowledged on stdout is there. MEMORY_KILLS sets how many.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly MemoryScope Scope = new("acme");

    [Fact]
    public async Task Store_KilledWhileWriting_LosesNothingItAcknowledged()
    {
        int rounds = Environment.GetEnvironmentVariable("MEMORY_KILLS") is { Length: > 0 } many ? int.Parse(many, CultureInfo.InvariantCulture) : 40;
        string path = new TempFolder().File("memory.db");
        HashSet<string> acknowledged = [];
        int next = 0;
        for (int round = 0; round < rounds; round++)
        {
            using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
            {
                ArgumentList = { "--list-tests" },
                Environment = { ["MEMORY_KILL_CHILD"] = path, ["MEMORY_KILL_FROM"] = next.ToString(CultureInfo.InvariantCulture), ["DOTNET_TieredPGO"] = "0" },
                RedirectStandardOutput = true,
            })!;
            int lines = new Random(round).Next(1, 80);
            for (int i = 0; i < lines && child.StandardOutput.ReadLine() is { } line; i++)
            {
                acknowledged.Add(line);
            }

            child.Kill();
            child.WaitForExit();
            while (child.StandardOutput.ReadLine() is { Length: > 0 } line)
            {
                acknowledged.Add(line);
            }

            acknowledged.Should().NotBeEmpty();
            await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path });
            next = 0;
            foreach (string pair in acknowledged.Where(static l => l.EndsWith('.')))
            {
                int number = int.Parse(pair[..^1], CultureInfo.InvariantCulture);
                next = Math.Max(next, number + 1);
                MemoryRecord? first = await store.GetAsync(Scope, $"a{number}");
                MemoryRecord? second = await store.GetAsync(Scope, $"b{number}");
                (first is null).Should().Be(second is null, "round {0}: {1} was one transaction", round, number);
                first.Should().NotBeNull("round {0}: {1} was acknowledged", round, number);
            }

            next += 1_000; // what was under way may or may not be there
            MemoryStats stats = await store.GetStatsAsync(Scope);
            (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0, 0, 0 }, VectorSpace = "s", Top = 200 })).Count.Should().Be((int)Math.Min(200, stats.Count), "round {0}", round);
            using SqliteConnection connection = new($"Data Source={path};Pooling=False");
            connection.Open();
            connection.Scalar<string>("PRAGMA integrity_check").Should().Be("ok");
            connection.Scalar<long>("SELECT count(*) FROM words").Should().Be(stats.Count);
        }

        output.WriteLine($"{rounds} kills, {acknowledged.Count} acknowledged transactions, none lost");
    }

    /// <summary>What the child does: four writes at a time, each of two memories, each acknowledged.</summary>
    internal static void Child(string path, int from)
    {
        using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path, CheckpointEvery = 100 });
        using Stream output = Console.OpenStandardOutput();
        Task<MemoryTransactionResult>[] writes = new Task<MemoryTransactionResult>[4];
        for (int number = from; ; number += writes.Length)
        {
            for (int i = 0; i < writes.Length; i++)
            {
                writes[i] = store.ExecuteAsync(new MemoryTransaction(Scope, [Note('a', number + i), Note('b', number + i)])).AsTask();
            }

            for (int i = 0; i < writes.Length; i++)
            {
                writes[i].Wait();
                output.Write(System.Text.Encoding.ASCII.GetBytes($"{number + i}.\n"));
            }
        }
    }

    private static MemoryUpsert Note(char letter, int number)
    {
        Random random = new(number);
        float[] vector = [random.NextSingle() + 0.01f, random.NextSingle(), random.NextSingle(), random.NextSingle()];
        return new MemoryUpsert(new MemoryRecord { Id = $"{letter}{number}", Text = $"text {number}", Tags = ["t"], Vector = vector, VectorSpace = "s" });
    }
}

internal static class Program
{
    /// <summary>The runner's own way in, or the child that will be killed.</summary>
    public static Task<int> Main(string[] args)
    {
        if (Environment.GetEnvironmentVariable("MEMORY_KILL_CHILD") is { } path)
        {
            KillTests.Child(path, int.Parse(Environment.GetEnvironmentVariable("MEMORY_KILL_FROM")!, CultureInfo.InvariantCulture));
        }

        return Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
