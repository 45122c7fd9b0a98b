using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Providers.Memory.Sqlite;

namespace Providers.Memory.Benchmarks;

/// <summary>sqlite-vec on the same vectors, and the reference memory server of MCP on the same notes, where they are installed and do the same.</summary>
internal static class Peers
{
    private static readonly MemoryScope Scope = new("bench");

    public static async Task RunAsync(SqliteMemoryStore store, Corpus corpus, int size, string folder, Figures figures)
    {
        if (size > 100_000 || !Directory.Exists(Path.Join(folder, "node_modules")))
        {
            return;
        }

        await using (FileStream file = File.Create(Path.Join(folder, "vectors.f32")))
        {
            for (int i = 0; i < size; i++)
            {
                file.Write(MemoryMarshal.AsBytes(corpus.Note(i).Vector!.Value.Span));
            }
        }

        await File.WriteAllLinesAsync(Path.Join(folder, "notes.txt"), Enumerable.Range(0, Math.Min(size, 2_000)).Select(i => corpus.Note(i).Text)).ConfigureAwait(false);
        using Process node = Process.Start(new ProcessStartInfo("node", [Path.Join(folder, "peers.cjs"), folder, size.ToString(CultureInfo.InvariantCulture), Corpus.Dimensions.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        JsonNode? answer = JsonNode.Parse(await node.StandardOutput.ReadToEndAsync().ConfigureAwait(false));
        await node.WaitForExitAsync().ConfigureAwait(false);
        if (answer?["sqliteVecMs"]?.GetValue<double>() is { } vec)
        {
            figures.Add($"nearest vectors, {size:N0}: sqlite-vec / ours", vec / Semantic(store, corpus), "x", vec);
        }

        if (answer?["serverMemoryMs"]?.GetValue<double>() is { } reference)
        {
            figures.Add("one durable write beside 2,000 notes: the reference memory server", reference, "ms");
        }
    }

    private static double Semantic(SqliteMemoryStore store, Corpus corpus)
    {
        double[] took = [.. Enumerable.Range(0, 50).Select(i =>
        {
            MemoryQuery query = corpus.Query(i) with { Mode = MemorySearchMode.Semantic };
            long start = Stopwatch.GetTimestamp();
            _ = store.SearchAsync(Scope, query).AsTask().GetAwaiter().GetResult();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }).Order()];
        return took[took.Length / 2];
    }
}
