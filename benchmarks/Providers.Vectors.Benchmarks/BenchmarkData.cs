using System.Runtime.InteropServices;

namespace Providers.Vectors.Benchmarks;

/// <summary>The shared set where it is found (SHARED_DATA, or shared/data beside a parent folder) and large enough, else a seeded clustered set.</summary>
internal static class BenchmarkData
{
    public static (float[] Base, float[] Queries, int Dimensions) Load(int rows)
    {
        string? folder = Environment.GetEnvironmentVariable("SHARED_DATA");
        for (DirectoryInfo? at = new(Directory.GetCurrentDirectory()); folder is null && at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "shared", "data");
            folder = Directory.Exists(candidate) ? candidate : null;
        }

        if (folder is not null && rows <= 30_000)
        {
            float[] all = Read(Path.Combine(folder, "lsa768.base.f16bin"), out int d);
            return (all[..(rows * d)], Read(Path.Combine(folder, "lsa768.query.f16bin"), out _), d);
        }

        float[] data = Clustered(rows + 300, 768, 1_000, 1);
        return (data[..(rows * 768)], data[(rows * 768)..], 768);
    }

    public static string Cpu()
    {
        string model = File.ReadLines("/proc/cpuinfo").First(l => l.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1];
        string width = System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? "avx512" : "avx2";
        return string.Concat(model.Trim().ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : '-')) + "-" + width;
    }

    private static float[] Read(string path, out int dimensions)
    {
        byte[] bytes = File.ReadAllBytes(path);
        dimensions = BitConverter.ToInt32(bytes, 4);
        return [.. MemoryMarshal.Cast<byte, Half>(bytes.AsSpan(8)).ToArray().Select(h => (float)h)];
    }

    private static float[] Clustered(int rows, int d, int clusters, int seed)
    {
        var random = new Random(seed);
        float Next(int i) => (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) / Math.Sqrt(1 + (i % d / 16.0)));
        float[] centres = new float[clusters * d], data = new float[rows * d];
        for (int i = 0; i < centres.Length; i++)
        {
            centres[i] = Next(i);
        }

        for (int row = 0; row < rows; row++)
        {
            int centre = random.Next(clusters) * d;
            double norm = 0;
            for (int i = 0; i < d; i++)
            {
                float value = data[(row * d) + i] = centres[centre + i] + (0.8f * Next(i));
                norm += value * value;
            }

            for (int i = 0; i < d; i++)
            {
                data[(row * d) + i] /= (float)Math.Sqrt(norm);
            }
        }

        return data;
    }
}
