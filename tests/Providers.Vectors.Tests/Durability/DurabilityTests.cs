namespace Providers.Vectors.Tests;

public sealed class DurabilityTests
{
    private const int D = 3;

    private static VectorIndexOptions Options(string path, bool ownLog = true) =>
        new() { Dimensions = D, Path = path, OwnLog = ownLog, Links = 8, BuildThreads = 1 };

    [Fact]
    public void Open_EveryByteOfACheckpointFlipped_IsDetected()
    {
        using var folder = new TempFolder();
        string path = folder.File("index");
        using (var index = new HnswIndex(Options(path, ownLog: false)))
        {
            index.UpsertRange(TestData.Ids(20), TestData.Uniform(20, D, 1));
            index.Checkpoint(7);
        }

        byte[] good = File.ReadAllBytes(path);
        string damaged = folder.File("damaged");
        for (int i = 0; i < good.Length; i++)
        {
            good[i] ^= 0x40;
            File.WriteAllBytes(damaged, good);
            good[i] ^= 0x40;
            FluentActions.Invoking(() => new HnswIndex(Options(damaged, ownLog: false))).Should().Throw<VectorIndexCorruptException>("byte {0} was flipped", i)
                .Which.Path.Should().Be(damaged);
        }
    }

    [Fact]
    public void Open_CheckpointCutAnywhere_IsDetected()
    {
        using var folder = new TempFolder();
        string path = folder.File("index");
        using (var index = new FlatIndex(Options(path, ownLog: false)))
        {
            index.UpsertRange(TestData.Ids(20), TestData.Uniform(20, D, 1));
            index.Checkpoint();
        }

        byte[] good = File.ReadAllBytes(path);
        string damaged = folder.File("damaged");
        for (int length = 0; length < good.Length; length++)
        {
            File.WriteAllBytes(damaged, good.AsSpan(0, length).ToArray());
            FluentActions.Invoking(() => new FlatIndex(Options(damaged, ownLog: false))).Should().Throw<VectorIndexCorruptException>("cut at {0}", length);
        }
    }

    [Fact]
    public void Open_LogCutOrFlippedAnywhere_KeepsWholeRecordsOrRefuses()
    {
        using var folder = new TempFolder();
        string path = folder.File("index"), log = path + ".log";
        float[] data = TestData.Uniform(6, D, 1);
        using (var index = new FlatIndex(Options(path)))
        {
            for (int i = 0; i < 6; i++)
            {
                index.Upsert(i, TestData.Row(data, D, i));
            }

            index.Delete(3);
        }

        byte[] good = File.ReadAllBytes(log);
        const int Header = 16, Record = 21 + (4 * D);
        for (int length = 0; length < good.Length; length++)
        {
            File.WriteAllBytes(log, good.AsSpan(0, length).ToArray());
            using var index = new FlatIndex(Options(path));
            int whole = Math.Max(0, length - Header) / Record;
            index.Count.Should().Be(Math.Min(6, whole), "the log was cut at {0}", length);
            index.GetStats().DroppedLogBytes.Should().Be(length < Header ? length : length - Header - (whole * Record));
        }

        foreach (int zeros in (int[])[1, Record - 1, Record, 10_000])
        {
            File.WriteAllBytes(log, [.. good, .. new byte[zeros]]); // as a power loss may leave it
            using var index = new FlatIndex(Options(path));
            (index.Count, index.GetStats().DroppedLogBytes).Should().Be((5, zeros));
        }

        File.WriteAllBytes(log, [.. good, .. new byte[5_000], 1]);
        FluentActions.Invoking(() => new FlatIndex(Options(path))).Should().Throw<VectorIndexCorruptException>("what is not zero was written");

        for (int i = 0; i < good.Length; i++)
        {
            good[i] ^= 0x10;
            File.WriteAllBytes(log, good);
            good[i] ^= 0x10;
            try
            {
                using var index = new FlatIndex(Options(path));
                index.GetStats().DroppedLogBytes.Should().BePositive("byte {0} was flipped", i);
                i.Should().BeGreaterThanOrEqualTo(good.Length - Record - 21, "only the end may count as torn");
            }
            catch (VectorIndexCorruptException damage)
            {
                damage.Section.Should().Be("Log");
            }
        }
    }

    [Fact]
    public async Task Open_WhileTheCollectorRuns_ReadsTheWholeFile()
    {
        using var folder = new TempFolder();
        string path = folder.File("index");
        using (var index = new HnswIndex(Options(path, ownLog: false)))
        {
            index.UpsertRange(TestData.Ids(300), TestData.Uniform(300, D, 1));
            index.Checkpoint();
        }

        using var stop = new CancellationTokenSource();
        Task collector = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        for (int i = 0; i < 150; i++)
        {
            using var index = new HnswIndex(Options(path, ownLog: false));
            index.Search([1, 0, 0], new VectorMatch[3]).Should().Be(3);
        }

        await stop.CancelAsync();
        await collector;
    }

    [Fact]
    public void Open_OtherOptions_SaysBoth()
    {
        using var folder = new TempFolder();
        string path = folder.File("index");
        using (var index = new FlatIndex(Options(path)))
        {
            index.Checkpoint();
        }

        Action open = () => _ = new FlatIndex(new VectorIndexOptions { Dimensions = 4, Path = path });
        open.Should().Throw<InvalidOperationException>().WithMessage("*(3, *(4, *");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_SeveralMappedChunks_ServesAndGoesOn(bool brain)
    {
        using var folder = new TempFolder();
        const int N = 9_000, Dim = 8;
        var options = new VectorIndexOptions { Dimensions = Dim, Path = folder.File("index"), OwnLog = false, BFloat16 = brain, BuildExpansion = 40, FlushEachWrite = true };
        float[] data = TestData.Uniform(N, Dim, 1);
        using (var index = new HnswIndex(options))
        {
            index.UpsertRange(TestData.Ids(N), data);
            index.Checkpoint(42);
        }

        byte[] before = File.ReadAllBytes(options.Path!);
        using (var index = new HnswIndex(options))
        {
            index.Watermark.Should().Be(42);
            Dictionary<long, float[]> rows = TestData.Rows(data, Dim);
            float[] queries = TestData.Uniform(10, Dim, 2);
            TestData.Recall(index, rows, queries, 10).Should().BeGreaterThan(0.9);
            for (int i = 0; i < 300; i++)
            {
                index.Upsert(N + i, queries.AsSpan(0, Dim));
            }

            index.Delete(0).Should().BeTrue();
            index.Search(queries.AsSpan(0, Dim), new VectorMatch[5]).Should().Be(5);
            File.ReadAllBytes(options.Path!).Should().Equal(before, "a mapped file is copied on write");
        }

        using var adaptive = new AdaptiveVectorIndex(options);
        adaptive.GetStats().Structure.Should().Be("Graph");
        using var bits = new QuantizedFlatIndex(options);
        bits.Count.Should().Be(N);
    }

    [Fact]
    public void Open_CrashBetweenRenameAndNewLog_AppliesNothingTwice()
    {
        using var folder = new TempFolder();
        string path = folder.File("index"), log = path + ".log";
        byte[] oldLog;
        using (var index = new FlatIndex(Options(path)))
        {
            index.Upsert(1, [1, 0, 0]);
            index.Upsert(2, [0, 1, 0]);
            index.Delete(1);
            using (FileStream file = new(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            {
                oldLog = new byte[file.Length];
                file.ReadExactly(oldLog);
            }

            index.Checkpoint();
        }

        File.WriteAllBytes(log, oldLog);
        using var again = new FlatIndex(Options(path));
        again.Count.Should().Be(1);
        again.TryGet(2, new float[D]).Should().BeTrue();
        again.GetStats().Deleted.Should().Be(2 - 1);
    }
}
