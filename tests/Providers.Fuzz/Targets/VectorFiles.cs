using Providers.Vectors;

namespace Providers.Fuzz.Targets;

/// <summary>A checkpoint of a graph index: opened as it was, or refused as corrupt; never searched into nowhere.</summary>
internal class VectorFiles : FuzzTarget
{
    private const int D = 8;
    private readonly string _folder = Directory.CreateTempSubdirectory("fuzz-vectors-").FullName;
    private readonly Lazy<(byte[] Snapshot, byte[] Log)> _files;

    public VectorFiles() => _files = new(Make);

    public override string Name => "snapshot";

    public override IReadOnlyList<byte[]> Seeds => [_files.Value.Snapshot];

    protected (byte[] Snapshot, byte[] Log) Files => _files.Value;

    public override Task<bool> ReadAsync(byte[] input) => Task.FromResult(Open(input, []));

    protected bool Open(byte[] snapshot, byte[] log)
    {
        string path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        try
        {
            File.WriteAllBytes(path, snapshot);
            File.WriteAllBytes(path + ".log", log);
            using HnswIndex index = new(Options(path));
            VectorMatch[] matches = new VectorMatch[10];
            int found = index.Search(Vector(3), matches);
            matches[..found].Should().OnlyContain(static m => float.IsFinite(m.Score));
            float[] one = new float[D];
            for (long id = 0; id < 60; id++)
            {
                index.TryGet(id, one);
            }

            index.Upsert(1_000, Vector(1_000));
            return true;
        }
        catch (VectorIndexCorruptException)
        {
            return false;
        }
        finally
        {
            foreach (string file in Directory.EnumerateFiles(_folder, Path.GetFileName(path) + "*"))
            {
                File.Delete(file);
            }
        }
    }

    private static VectorIndexOptions Options(string path) => new() { Dimensions = D, Path = path, BuildThreads = 1, Links = 8, BuildExpansion = 16 };

    private static float[] Vector(int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, D).Select(_ => random.NextSingle() + 0.01f)];
    }

    private (byte[] Snapshot, byte[] Log) Make()
    {
        string path = Path.Combine(_folder, "seed");
        using (HnswIndex index = new(Options(path)))
        {
            for (int i = 0; i < 40; i++)
            {
                index.Upsert(i, Vector(i));
            }

            index.Checkpoint(40);
            for (int i = 40; i < 50; i++)
            {
                index.Upsert(i, Vector(i));
            }

            index.Delete(3);
        }

        return (File.ReadAllBytes(path), File.ReadAllBytes(path + ".log"));
    }
}

/// <summary>The log beside a checkpoint: replayed as far as it is whole.</summary>
internal sealed class VectorLogs : VectorFiles
{
    public override string Name => "snapshot-log";

    public override IReadOnlyList<byte[]> Seeds => [Files.Log];

    public override Task<bool> ReadAsync(byte[] input) => Task.FromResult(Open(Files.Snapshot, input));
}
