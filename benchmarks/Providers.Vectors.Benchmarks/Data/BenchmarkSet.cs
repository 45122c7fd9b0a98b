using System.Runtime.InteropServices;

namespace Providers.Vectors.Benchmarks;

/// <summary>One data set on disk: base, queries and the true ten nearest, also under three filters. Float32, row after row.</summary>
internal sealed class BenchmarkSet(string root, string name, int dimensions)
{
    public const int Top = 10;

    public static readonly int[] Filters = [1, 2, 10, 100];

    public string Name { get; } = name;

    public int Dimensions { get; } = dimensions;

    public string Folder { get; } = Path.Combine(root, name);

    public int Rows => (int)(new FileInfo(File("base.f32")).Length / sizeof(float) / Dimensions);

    public bool Exists => System.IO.File.Exists(File("truth-100.i32"));

    public static BenchmarkSet Named(string root, string name) => new(root, name, name.Contains("128", StringComparison.Ordinal) ? 128 : 768);

    public string File(string name) => Path.Combine(Folder, name);

    public float[] Base() => Read<float>("base.f32");

    public float[] Queries() => Read<float>("query.f32");

    public int[] Truth(int every) => Read<int>($"truth-{every}.i32");

    public static bool Passes(long id, int every) => id % every == 0;

    public T[] Read<T>(string name)
        where T : unmanaged
    {
        using FileStream file = System.IO.File.OpenRead(File(name));
        var values = GC.AllocateUninitializedArray<T>((int)(file.Length / Marshal.SizeOf<T>()));
        for (int at = 0; at < values.Length; at += 1 << 26)
        {
            file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(at, Math.Min(1 << 26, values.Length - at))));
        }

        return values;
    }

    public void Write<T>(string name, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        Directory.CreateDirectory(Folder);
        using FileStream file = System.IO.File.Create(File(name));
        for (int at = 0; at < values.Length; at += 1 << 26)
        {
            file.Write(MemoryMarshal.AsBytes(values.Slice(at, Math.Min(1 << 26, values.Length - at))));
        }
    }
}
