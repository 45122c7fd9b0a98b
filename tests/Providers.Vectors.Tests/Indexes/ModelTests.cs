using CsCheck;

namespace Providers.Vectors.Tests;

/// <summary>Random histories against a dictionary searched by brute force. CsCheck prints the seed of a failure.</summary>
public sealed class ModelTests
{
    private const int D = 5;
    private static readonly long Histories = long.Parse(Environment.GetEnvironmentVariable("CsCheck_Iter") ?? "60");

    public static TheoryData<int, int> Cases
    {
        get
        {
            var cases = new TheoryData<int, int>();
            for (int kind = 0; kind < 5; kind++)
            {
                for (int metric = 0; metric < 3; metric++)
                {
                    cases.Add(kind, metric);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Index_RandomHistories_AnswersAsBruteForceDoes(int kind, int metric)
    {
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 30], Gen.Int[1, 1_000_000]).Array[1, 80]
            .Sample(steps => Run(kind, (VectorMetric)metric, steps), iter: Histories, threads: 1);
    }

    private static void Run(int kind, VectorMetric metric, (int Verb, int Id, int Seed)[] steps)
    {
        using var folder = new TempFolder();
        var options = new VectorIndexOptions
        {
            Dimensions = D,
            Metric = metric,
            Path = folder.File("index"),
            QuantizeFrom = 8,
            GraphFrom = 16,
            BuildThreads = 1,
            OneBit = kind == 2,
            Links = 16,
        };
        IVectorIndex index = Open(kind, options);
        var model = new Dictionary<long, float[]>();
        foreach ((int verb, int id, int seed) in steps)
        {
            float[] vector = TestData.Uniform(1, D, seed);
            switch (verb)
            {
                case 0 or 1 or 2:
                    index.Upsert(id, vector);
                    model[id] = vector;
                    break;
                case 3:
                    index.Delete(id).Should().Be(model.Remove(id));
                    break;
                case 4:
                    index.Checkpoint(seed);
                    index.Watermark.Should().Be(seed);
                    break;
                case 5:
                    long mark = index.Watermark;
                    index.Dispose();
                    index = Open(kind, options);
                    index.Watermark.Should().Be(mark);
                    break;
                case 6:
                    index.CompactAsync().GetAwaiter().GetResult();
                    break;
                default:
                    Check(index, model, vector, id => id % 3 == seed % 3);
                    break;
            }

            index.Count.Should().Be(model.Count);
        }

        Check(index, model, TestData.Uniform(1, D, 5), null);
        var stored = new float[D];
        for (int id = 0; id < 31; id++)
        {
            index.TryGet(id, stored).Should().Be(model.ContainsKey(id));
            if (model.TryGetValue(id, out float[]? expected))
            {
                TestData.Score(VectorMetric.Cosine, stored, expected).Should().BeApproximately(1, 1e-5);
            }
        }

        index.Dispose();
    }

    private static void Check(IVectorIndex index, Dictionary<long, float[]> model, float[] query, Func<long, bool>? passes)
    {
        var matches = new VectorMatch[6];
        var pool = model.Where(r => passes is null || passes(r.Key)).Select(r => (r.Key, r.Value)).ToArray();
        int found = index.Search(query, matches, new VectorSearchOptions
        {
            Filter = passes is null ? null : VectorFilter.FromPredicate(passes),
            Expansion = 100,
            Rescore = 100,
        });
        found.Should().Be(Math.Min(6, pool.Length));
        double[] truth = [.. TestData.Nearest(index.Metric, pool, query, 6).Select(id => TestData.Score(index.Metric, query, model[id]))];
        for (int i = 0; i < found; i++)
        {
            double own = TestData.Score(index.Metric, query, model[matches[i].Id]);
            ((double)matches[i].Score).Should().BeApproximately(own, 1e-4, "a score belongs to its vector");
            own.Should().BeApproximately(truth[i], 1e-4, "rank {0}: a graph that fits into the expansion is walked through whole", i);
        }
    }

    private static IVectorIndex Open(int kind, VectorIndexOptions options) => kind switch
    {
        0 => new FlatIndex(options),
        1 or 2 => new QuantizedFlatIndex(options),
        3 => new HnswIndex(options),
        _ => new AdaptiveVectorIndex(options),
    };
}
