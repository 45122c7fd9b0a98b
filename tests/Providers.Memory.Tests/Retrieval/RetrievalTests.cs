using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace Providers.Memory.Tests;

/// <summary>How well the right notes are found: nDCG@10 (Järvelin and Kekäläinen, 2002) over a labelled set. RETRIEVAL_REPORT names the file to write.</summary>
public sealed class RetrievalTests(ITestOutputHelper output)
{
    private static readonly MemoryScope Scope = new("acme");

    [Fact]
    public async Task Hybrid_OverALabelledSet_FindsBetterThanEitherPart()
    {
        string? report = Environment.GetEnvironmentVariable("RETRIEVAL_REPORT");
        LabelledSet set = new(20_261_123, report is null ? 2_000 : 5_000, report is null ? 240 : 600);
        set.Queries.Should().OnlyContain(static q => q.Grades.Count > 0);
        StringBuilder table = new("| embeddings | search | all | paraphrase | rare | mixed |\n|---|---|---:|---:|---:|---:|\n");
        foreach ((string name, IEmbeddingGenerator<string, Embedding<float>> generator) in ((string, IEmbeddingGenerator<string, Embedding<float>>)[])[("stand-in for a model", new ThesaurusEmbeddings(0.9)), ("lexical-1 (by spelling)", new LexicalEmbeddingGenerator())])
        {
            using InMemoryStore store = new();
            await Service(store, generator, static _ => { }).StoreAllAsync(set.Notes);
            Dictionary<string, double> all = [];
            foreach ((string search, MemorySearchMode mode, Action<MemoryOptions> configure) in Settings(report is not null))
            {
                MemoryService memory = Service(store, generator, configure).Memory;
                List<(string Kind, double Gain)> gains = [];
                foreach (LabelledQuery query in set.Queries)
                {
                    IReadOnlyList<MemoryMatch> found = await memory.SearchAsync(Scope, new MemoryQuery { Text = query.Text, Mode = mode, Top = 10 });
                    gains.Add((query.Kind, Ndcg([.. found.Select(static m => m.Record.Id)], query.Grades)));
                }

                string Mean(string? kind) => gains.Where(g => kind is null || g.Kind == kind).Average(static g => g.Gain).ToString("0.000", CultureInfo.InvariantCulture);
                all[search] = gains.Average(static g => g.Gain);
                table.Append(CultureInfo.InvariantCulture, $"| {name} | {search} | {Mean(null)} | {Mean("paraphrase")} | {Mean("rare")} | {Mean("mixed")} |\n");
            }

            output.WriteLine(table.ToString());
            if (generator is ThesaurusEmbeddings)
            {
                all["hybrid"].Should().BeGreaterThan(all["keyword"] + 0.05).And.BeGreaterThan(all["semantic"] + 0.05);
            }
            else
            {
                all["hybrid"].Should().BeGreaterThan(all["semantic"], "spelling alone confuses what words alone do not");
            }
        }

        if (report is not null)
        {
            await File.WriteAllTextAsync(report, Page(set, table.ToString()));
        }
    }

    [Fact]
    public void Ndcg_OfKnownRankings_IsWhatTheFormulaSays()
    {
        Dictionary<string, int> grades = new() { ["a"] = 3, ["b"] = 1 };
        Ndcg(["a", "b"], grades).Should().Be(1);
        Ndcg(["b", "a"], grades).Should().BeApproximately((1 + (7 / Math.Log2(3))) / (7 + (1 / Math.Log2(3))), 1e-12);
        Ndcg(["x", "y"], grades).Should().Be(0);
        Ndcg(["x", "a"], grades).Should().BeApproximately(7 / Math.Log2(3) / (7 + (1 / Math.Log2(3))), 1e-12);
    }

    private static double Ndcg(IReadOnlyList<string> found, IReadOnlyDictionary<string, int> grades)
    {
        static double Gain(IEnumerable<int> ranked) => ranked.Take(10).Select(static (g, i) => (Math.Pow(2, g) - 1) / Math.Log2(i + 2)).Sum();
        return Gain(found.Select(id => grades.GetValueOrDefault(id))) / Gain(grades.Values.OrderDescending());
    }

    private static IEnumerable<(string Name, MemorySearchMode Mode, Action<MemoryOptions> Configure)> Settings(bool many)
    {
        static void Plain(MemoryOptions o) => (o.RecencyWeight, o.ImportanceWeight) = (0, 0);
        yield return ("keyword", MemorySearchMode.Keyword, Plain);
        yield return ("semantic", MemorySearchMode.Semantic, Plain);
        yield return ("hybrid", MemorySearchMode.Hybrid, Plain);
        if (many)
        {
            yield return ("hybrid, the defaults (recency 0.1, importance 0.1)", MemorySearchMode.Hybrid, static _ => { });
            yield return ("hybrid, variety 0.3", MemorySearchMode.Hybrid, static o => (o.RecencyWeight, o.ImportanceWeight, o.Variety) = (0, 0, 0.3));
        }
    }

    private static Setup Service(InMemoryStore store, IEmbeddingGenerator<string, Embedding<float>> generator, Action<MemoryOptions> configure)
    {
        MemoryOptions options = new();
        configure(options);
        return new Setup(new MemoryService(store, generator, Options.Create(options)));
    }

    private static string Page(LabelledSet set, string table) =>
        $"""
        # How well memories are found

        nDCG@10 over {set.Notes.Count} notes and {set.Queries.Count} questions that a seeded generator makes (`tests/Providers.Memory.Tests/Retrieval`); 1 is the best order there could be.
        A third of the questions ask in other words than the note (paraphrase), a third by a rare name or ticket number (rare), a third by both (mixed). Written by `eng/eval retrieval`.

        {table}
        **The stand-in** is no model: it knows which words of the generator mean the same, blurs rare names and adds noise, as models do. What it shows is how
        the two rankings complete each other; measure your own model on your own notes before you choose. **lexical-1** is what a host without a model gets: it
        knows spelling, not meaning. On this set, where no word is bent, the words of BM25 alone are better than both together; it pays where people bend words
        and mistype them, and keyword mode is there where they do not.

        Hybrid fuses the two rankings by reciprocal rank (k = 1; decision 0204 says why not the usual 60). Recency and importance shift notes that are otherwise alike; here all are of one age, so
        they change next to nothing. Variety trades a little of the score for less of the same.
        """;

    private sealed record Setup(MemoryService Memory)
    {
        public async Task StoreAllAsync(List<MemoryRecord> notes)
        {
            foreach (MemoryRecord[] chunk in notes.Chunk(500))
            {
                await Memory.ExecuteAsync(new MemoryTransaction(Scope, [.. chunk.Select(static n => new MemoryUpsert(n))]));
            }
        }
    }
}
