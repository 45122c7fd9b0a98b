namespace Providers.Vectors.Tests;

/// <summary>Seeded sets and the brute-force answer.</summary>
internal static class TestData
{
    public static float[] Uniform(int rows, int dimensions, int seed)
    {
        var random = new Random(seed);
        var data = new float[rows * dimensions];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = (float)((random.NextDouble() * 2) - 1);
        }

        return data;
    }

    public static float[] Clustered(int rows, int dimensions, int clusters, int seed)
    {
        float[] centres = Uniform(clusters, dimensions, seed), data = Uniform(rows, dimensions, seed + 1);
        var random = new Random(seed + 2);
        for (int row = 0; row < rows; row++)
        {
            int centre = random.Next(clusters);
            for (int i = 0; i < dimensions; i++)
            {
                data[(row * dimensions) + i] = centres[(centre * dimensions) + i] + (0.4f * data[(row * dimensions) + i]);
            }
        }

        return data;
    }

    /// <summary>Vectors with a power-law spectrum and near-duplicates, as text embeddings have.</summary>
    public static float[] TextLike(int rows, int dimensions, int seed)
    {
        float[] data = Clustered(rows, dimensions, Math.Max(4, rows / 30), seed);
        for (int i = 0; i < data.Length; i++)
        {
            data[i] /= MathF.Sqrt(1 + (i % dimensions / 8f));
        }

        for (int row = 50; row < rows; row += 50)
        {
            data.AsSpan((row - 1) * dimensions, dimensions).CopyTo(data.AsSpan(row * dimensions));
            data[row * dimensions] += 0.001f;
        }

        return data;
    }

    public static ReadOnlySpan<float> Row(float[] data, int dimensions, int row) => data.AsSpan(row * dimensions, dimensions);

    public static double Score(VectorMetric metric, ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double dot = 0, xx = 0, yy = 0, squared = 0;
        for (int i = 0; i < x.Length; i++)
        {
            dot += (double)x[i] * y[i];
            xx += (double)x[i] * x[i];
            yy += (double)y[i] * y[i];
            squared += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
        }

        return metric switch { VectorMetric.Cosine => dot / Math.Sqrt(xx * yy), VectorMetric.Dot => dot, _ => squared };
    }

    public static long[] Nearest(VectorMetric metric, IEnumerable<(long Id, float[] Vector)> rows, ReadOnlySpan<float> query, int top)
    {
        float[] copy = query.ToArray();
        double sign = metric is VectorMetric.SquaredL2 ? 1 : -1;
        return [.. rows.OrderBy(row => sign * Score(metric, row.Vector, copy)).Take(top).Select(row => row.Id)];
    }

    public static long[] Ids(int count) => [.. Enumerable.Range(0, count).Select(i => (long)i)];

    /// <summary>The share of the true nearest that a search found, over all queries.</summary>
    public static double Recall(IVectorIndex index, Dictionary<long, float[]> rows, float[] queries, int top, VectorSearchOptions? options = null, Func<long, bool>? passes = null)
    {
        int d = index.Dimensions, hits = 0, wanted = 0;
        var matches = new VectorMatch[top];
        var pool = rows.Where(r => passes is null || passes(r.Key)).Select(r => (r.Key, r.Value)).ToArray();
        for (int q = 0; q < queries.Length / d; q++)
        {
            int found = index.Search(Row(queries, d, q), matches, options);
            found.Should().Be(Math.Min(top, pool.Length), "k results when k rows pass");
            long[] truth = Nearest(index.Metric, pool, Row(queries, d, q), top);
            hits += matches.Take(found).Count(m => truth.Contains(m.Id));
            wanted += truth.Length;
        }

        return (double)hits / wanted;
    }

    public static Dictionary<long, float[]> Rows(float[] data, int dimensions) =>
        Enumerable.Range(0, data.Length / dimensions).ToDictionary(i => (long)i, i => Row(data, dimensions, i).ToArray());
}
