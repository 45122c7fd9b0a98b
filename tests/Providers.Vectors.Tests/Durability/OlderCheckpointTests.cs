using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Providers.Vectors.Tests;

public sealed class OlderCheckpointTests
{
    private const int N = 60, D = 5, LinksSection = 96 + ((int)Part.Links * 24);

    [Fact]
    public async Task Open_CheckpointWithoutTreeLinks_IsReadAndMendedByTheNextCompaction()
    {
        using var folder = new TempFolder();
        var options = new VectorIndexOptions { Dimensions = D, Metric = VectorMetric.SquaredL2, Path = folder.File("index"), OwnLog = false, Links = 8, BuildThreads = 1, CompactionThreshold = 1 };
        float[] data = TestData.Uniform(N, D, 3);
        using (var index = new HnswIndex(options))
        {
            index.UpsertRange(TestData.Ids(N), data);
            index.Checkpoint(9);
        }

        byte[] file = File.ReadAllBytes(options.Path);
        MakeOlder(file).Should().Be(2 * (N - 1), "a tree over n rows has n - 1 links of both directions");
        File.WriteAllBytes(options.Path, file);

        using var engine = new VectorEngine(options, IndexKind.Graph);
        engine.Watermark.Should().Be(9);
        var found = new VectorMatch[1];
        engine.Search(TestData.Row(data, D, 17), found, null).Should().Be(1);
        found[0].Id.Should().Be(17);
        for (int id = 0; id < N; id += 2)
        {
            engine.Delete(id).Should().BeTrue();
            engine.Upsert([id], TestData.Row(data, D, id));
        }

        await engine.CompactAsync();
        GraphProbe.ShouldHangTogether(engine.View, 3);
    }

    /// <summary>Takes the marks away, as version 02 had none, and sets the checksums right.</summary>
    private static unsafe int MakeOlder(byte[] file)
    {
        file[7].Should().Be((byte)'3');
        file[7] = (byte)'2';
        int start = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(LinksSection)), bytes = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(LinksSection + 8));
        int marks = 0;
        foreach (ref int word in MemoryMarshal.Cast<byte, int>(file.AsSpan(start, bytes)))
        {
            marks += Edge.IsTree(word) ? 1 : 0;
            word &= int.MaxValue;
        }

        fixed (byte* pointer = file)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(LinksSection + 16), Checksum.Compute(pointer + start, bytes));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(508), Checksum.Compute(file.AsSpan(0, 508)));
        return marks;
    }
}
