using System.Diagnostics;

namespace Providers.VectorData.Tests;

/// <summary>Child processes die by kill -9 while they write, compact and checkpoint; what they acknowledged on stdout must be there. VECTORDATA_KILLS sets how many.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("VECTORDATA_KILLS") is { Length: > 0 } many ? int.Parse(many) : 25;

    /// <summary>So many kills are suffered by one store: it grows, and is read whole after each.</summary>
    private const int OneStore = 25;

    [Fact]
    public async Task Store_KilledWhileWriting_KeepsWhatItAcknowledged()
    {
        int all = 0;
        for (int first = 0; first < Rounds; first += OneStore)
        {
            all += await KillAsync(first, Math.Min(OneStore, Rounds - first));
        }

        output.WriteLine($"{Rounds} kills, {all} batches acknowledged, none lost");
    }

    private static async Task<int> KillAsync(int first, int rounds)
    {
        using var folder = new TempFolder();
        int acknowledged = -1;
        for (int round = first; round < first + rounds; round++)
        {
            using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
            {
                ArgumentList = { "kill-child", folder.Path, (acknowledged + 1).ToString() },
                RedirectStandardOutput = true,
            })!;
            int writes = new Random(round).Next(1, 40);
            for (int i = 0; i < writes && child.StandardOutput.ReadLine() is { } line; i++)
            {
                acknowledged = int.Parse(line);
            }

            child.Kill();
            await child.WaitForExitAsync();
            while (child.StandardOutput.ReadLine() is { } line)
            {
                acknowledged = int.TryParse(line, out int more) ? Math.Max(acknowledged, more) : acknowledged;
            }

            using var database = new VectorDatabase(folder.Path, Program.Settings);
            using var store = new ProvidersVectorStore(Lease.Of(database), null);
            VectorStoreCollection<object, Dictionary<string, object?>> collection = store.GetDynamicCollection("notes", Program.Definition);
            List<Dictionary<string, object?>> notes = await collection.GetAsync(n => true, int.MaxValue, new() { OrderBy = o => o.Ascending(n => n["Key"]) }).ToListAsync();
            // Batch i puts keys 2i and 2i+1 and replaces key 0's number by i: all of it or nothing.
            int last = (int)notes[0]["Number"]!;
            last.Should().BeInRange(acknowledged, acknowledged + 1, "round {0}", round);
            notes.Select(n => n["Key"]).Should().Equal(Enumerable.Range(0, (last * 2) + 2).Cast<object?>(), "round {0}", round);
            List<object?> found = await collection.SearchAsync(Program.Vector(last), int.MaxValue).Select(r => r.Record["Key"]).ToListAsync();
            found.Should().BeEquivalentTo(notes.Select(n => n["Key"]), "round {0}", round);
            acknowledged = last;
        }

        return acknowledged + 1;
    }
}
