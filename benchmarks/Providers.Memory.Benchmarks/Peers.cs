using System.Diagnostics;
using System.Text.Json.Nodes;
using Providers.Memory.Sqlite;
using Providers.Vectors;
using Providers.Vectors.Benchmarks;

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

        float[] vectors = [.. Enumerable.Range(0, size).SelectMany(i => corpus.Note(i).Vector!.Value.ToArray())];
        using (SqliteVec? peer = SqliteVec.Open(Path.Join(folder, $"sqlite-vec{size}.db"), Corpus.Dimensions, folder, vectors))
        {
            if (peer is not null)
            {
                VectorMatch[] found = new VectorMatch[10];
                double ours = Median(50, i => _ = store.SearchAsync(Scope, corpus.Query(i) with { Mode = MemorySearchMode.Semantic }).AsTask().GetAwaiter().GetResult());
                double theirs = Median(12, i => peer.Search(corpus.Query(i).Vector!.Value.Span, found));
                figures.Add($"nearest ten of {size:N0}: sqlite-vec, the vectors alone, / ours, with their memories", theirs / ours, "x", theirs);
                figures.Add($"nearest ten of {size:N0}, with their memories", ours, "ms");
            }
        }

        await File.WriteAllLinesAsync(Path.Join(folder, "notes.txt"), Enumerable.Range(0, Math.Min(size, 2_000)).Select(i => corpus.Note(i).Text)).ConfigureAwait(false);
        using Process node = Process.Start(new ProcessStartInfo("node", [Path.Join(folder, "peers.cjs"), folder]) { RedirectStandardOutput = true })!;
        JsonNode? answer = JsonNode.Parse(await node.StandardOutput.ReadToEndAsync().ConfigureAwait(false));
        await node.WaitForExitAsync().ConfigureAwait(false);
        if (answer?["serverMemoryMs"]?.GetValue<double>() is { } reference)
        {
            figures.Add("one durable write beside 2,000 notes: the reference memory server", reference, "ms");
        }
    }

    private static double Median(int times, Action<int> act)
    {
        double[] took = [.. Enumerable.Range(0, times).Select(i =>
        {
            long start = Stopwatch.GetTimestamp();
            act(i);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }).Order()];
        return took[took.Length / 2];
    }
}
