using System.Collections.Concurrent;
using CsCheck;

namespace Providers.Vectors.Tests;

/// <summary>Operations of several threads must have the results of some order of them one after another. CsCheck prints the seed of a failure.</summary>
public sealed class LinearizabilityTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Index_OperationsInParallel_AreLinearizable(int kind)
    {
        Gen<(int Id, int Place)> operation = Gen.Select(Gen.Int[0, 3], Gen.Int[1, 9]);
        Gen.Int[0, 3].Select(rows => new Subject(kind, rows)).SampleParallel(
            operation.Operation<Subject>((s, o) => s.Index.Upsert(o.Id, [o.Place, 0])),
            operation.Operation<Subject>((s, o) => s.Note($"delete {o.Id}", s.Index.Delete(o.Id).ToString())),
            operation.Operation<Subject>((s, o) => s.Note("read", s.Read())),
            operation.Operation<Subject>((s, o) => s.Note($"get {o.Id}", s.Get(o.Id))),
            equal: (a, b) => a.Read() == b.Read() && a.Seen() == b.Seen(),
            print: s => s.Read() + " " + s.Seen(),
            iter: 150, threads: 2, maxParallelOperations: 4);
    }

    /// <summary>One writer moves two rows in turns: whoever sees both sees neither out of step by more than one, and never goes back.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Search_TwoRowsWrittenInTurns_SeesOneConsistentSnapshot(int kind)
    {
        const int Versions = 2_500;
        using VectorIndex index = Subject.Create(kind, VectorMetric.SquaredL2);
        index.UpsertRange([1, 2], [0.001f, 0, 0.001f, 0]);
        using var stop = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var found = new VectorMatch[4];
            double before = 0;
            while (!stop.IsCancellationRequested)
            {
                index.Search([0, 0], found).Should().Be(2);
                double first = Math.Round(Math.Sqrt(found.First(m => m.Id == 1).Score)), second = Math.Round(Math.Sqrt(found.First(m => m.Id == 2).Score));
                (first - second).Should().BeInRange(0, 1, "row 1 moves first");
                (first + second).Should().BeGreaterThanOrEqualTo(before, "time does not run backwards");
                before = first + second;
            }
        }))];
        for (int version = 1; version <= Versions; version++)
        {
            index.Upsert(1, [version, 0]);
            index.Upsert(2, [version, 0]);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    private sealed class Subject
    {
        private readonly ConcurrentQueue<string> _seen = [];

        public Subject(int kind, int rows)
        {
            Index = Create(kind, VectorMetric.SquaredL2);
            for (int i = 0; i < rows; i++)
            {
                Index.Upsert(i, [i + 1, 0]);
            }
        }

        public VectorIndex Index { get; }

        public static VectorIndex Create(int kind, VectorMetric metric)
        {
            var options = new VectorIndexOptions { Dimensions = 2, Metric = metric, OneBit = false, Links = 8, BuildExpansion = 8, BuildThreads = 1 };
            return kind switch { 0 => new FlatIndex(options), 1 => new QuantizedFlatIndex(options), _ => new HnswIndex(options) };
        }

        /// <summary>Keeps a result as one of a multiset: equal operations may swap theirs.</summary>
        public void Note(string operation, string what) => _seen.Enqueue($"{operation}={what}");

        public string Seen() => string.Join(';', _seen.Order(StringComparer.Ordinal));

        public string Read()
        {
            var found = new VectorMatch[8];
            int count = Index.Search([0, 0], found);
            return string.Join(',', found.Take(count).OrderBy(m => m.Id).Select(m => $"{m.Id}:{Math.Sqrt(m.Score):F0}"));
        }

        public string Get(int id)
        {
            var vector = new float[2];
            return Index.TryGet(id, vector) ? $"{vector[0]:F0}" : "none";
        }
    }
}
