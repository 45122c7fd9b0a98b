using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Providers.Vectors.Benchmarks;

/// <summary>Makes the sets: seeded clusters with a power-law spectrum, and real vectors where a folder of them is given.</summary>
internal static class Generator
{
    /// <summary>Writes base, queries and truth; false when the set needs data that is not here.</summary>
    public static bool Make(BenchmarkSet set)
    {
        int d = set.Dimensions;
        float[] data, queries;
        if (set.Name.StartsWith("shared", StringComparison.Ordinal))
        {
            if (SharedFolder() is not { } folder)
            {
                return false;
            }

            (data, queries) = (ReadHalves(Path.Combine(folder, "lsa768.base.f16bin")), ReadHalves(Path.Combine(folder, "lsa768.query.f16bin")));
        }
        else
        {
            int rows = d == 128 ? 1_000_000 : 100_000, asked = 500;
            float[] all = Clustered(rows + asked, d, 1_000, d == 128 ? 2 : 1);
            (data, queries) = (all[..(rows * d)], all[(rows * d)..]);
        }

        set.Write<float>("base.f32", data);
        set.Write<float>("query.f32", queries);
        WriteTruth(set, data, queries);
        return true;
    }

    /// <summary>The folder named by SHARED_DATA, or shared/data beside one of the parent folders.</summary>
    private static string? SharedFolder()
    {
        string? folder = Environment.GetEnvironmentVariable("SHARED_DATA");
        for (DirectoryInfo? at = new(Directory.GetCurrentDirectory()); folder is null && at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "shared", "data");
            folder = Directory.Exists(candidate) ? candidate : null;
        }

        return folder;
    }

    /// <summary>By a plain loop over all rows, independent of the engine.</summary>
    private static void WriteTruth(BenchmarkSet set, float[] data, float[] queries)
    {
        int d = set.Dimensions, n = data.Length / d, count = queries.Length / d;
        int[][] truth = [.. BenchmarkSet.Filters.Select(_ => new int[count * BenchmarkSet.Top])];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 1 }, q =>
        {
            PriorityQueue<int, float>[] best = [.. BenchmarkSet.Filters.Select(_ => new PriorityQueue<int, float>())];
            ReadOnlySpan<float> query = queries.AsSpan(q * d, d);
            for (int row = 0; row < n; row++)
            {
                float dot = TensorPrimitives.Dot(query, data.AsSpan(row * d, d));
                for (int f = 0; f < best.Length; f++)
                {
                    if (!BenchmarkSet.Passes(row, BenchmarkSet.Filters[f]))
                    {
                        continue;
                    }

                    if (best[f].Count < BenchmarkSet.Top)
                    {
                        best[f].Enqueue(row, dot);
                    }
                    else if (best[f].TryPeek(out _, out float least) && dot > least)
                    {
                        best[f].EnqueueDequeue(row, dot);
                    }
                }
            }

            for (int f = 0; f < best.Length; f++)
            {
                for (int i = BenchmarkSet.Top - 1; i >= 0; i--)
                {
                    truth[f][(q * BenchmarkSet.Top) + i] = best[f].Dequeue();
                }
            }
        });
        for (int f = 0; f < truth.Length; f++)
        {
            set.Write<int>($"truth-{BenchmarkSet.Filters[f]}.i32", truth[f]);
        }
    }

    private static float[] ReadHalves(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var values = new float[(bytes.Length - 8) / 2];
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes.AsSpan(8)), values);
        return values;
    }

    private static float[] Clustered(int rows, int d, int clusters, int seed)
    {
        var random = new Random(seed);
        double[] spectrum = [.. Enumerable.Range(0, d).Select(i => 1 / Math.Sqrt(1 + (i / 16.0)))];
        float Next(int i) => (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * spectrum[i]);
        float[] centres = new float[clusters * d], data = new float[rows * d];
        for (int i = 0; i < centres.Length; i++)
        {
            centres[i] = Next(i % d);
        }

        for (int row = 0; row < rows; row++)
        {
            Span<float> to = data.AsSpan(row * d, d);
            int centre = random.Next(clusters) * d;
            for (int i = 0; i < d; i++)
            {
                to[i] = centres[centre + i] + (0.8f * Next(i));
            }

            TensorPrimitives.Divide(to, TensorPrimitives.Norm<float>(to), to);
        }

        return data;
    }
}
