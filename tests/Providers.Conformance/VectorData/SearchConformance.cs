using FluentAssertions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace Providers.Conformance.VectorData;

/// <summary>Distance functions, index kinds, paging, thresholds, vector types, several vectors.</summary>
public abstract class SearchConformance(IVectorStoreHost host) : VectorStoreConformance(host)
{
    [Theory]
    [InlineData(DistanceFunction.CosineSimilarity, 1, 0, -1)]
    [InlineData(DistanceFunction.CosineDistance, 0, 1, 2)]
    [InlineData(DistanceFunction.DotProductSimilarity, 1, 0, -1)]
    [InlineData(DistanceFunction.NegativeDotProductSimilarity, -1, 0, 1)]
    [InlineData(DistanceFunction.EuclideanDistance, 0, 1.7320508, 2)]
    [InlineData(DistanceFunction.EuclideanSquaredDistance, 0, 3, 4)]
    public async Task Search_EachDistance_ScoresAndOrdersByIt(string distance, double same, double across, double opposite)
    {
        VectorStoreCollection<int, Thing<int>> things = Store.GetCollection<int, Thing<int>>(Name, ThingDefinition(typeof(int), distance));
        await things.EnsureCollectionExistsAsync();
        await things.UpsertAsync([new() { Key = 1, Vector = Vector(1, 0, 0) }, new() { Key = 2, Vector = Vector(-1, 0, 0) }, new() { Key = 3, Vector = Vector(0, 1, 1) }]);
        List<VectorSearchResult<Thing<int>>> results = await things.SearchAsync(Vector(1, 0, 0), 3).ToListAsync();
        results.Select(r => r.Record.Key).Should().Equal(1, 3, 2);
        results.Select(r => r.Score!.Value).Should().SatisfyRespectively(
            s => s.Should().BeApproximately(same, 1e-5), s => s.Should().BeApproximately(across, 1e-5), s => s.Should().BeApproximately(opposite, 1e-5));
        double between = (across + opposite) / 2;
        (await things.SearchAsync(Vector(1, 0, 0), 3, new() { ScoreThreshold = between }).Select(r => r.Record.Key).ToListAsync()).Should().Equal(1, 3);
        (await things.SearchAsync(Vector(1, 0, 0), 3, new() { ScoreThreshold = between, Skip = 1 }).Select(r => r.Record.Key).ToListAsync()).Should().Equal(3);
    }

    [Theory]
    [InlineData(IndexKind.Flat)]
    [InlineData(IndexKind.Hnsw)]
    [InlineData(IndexKind.QuantizedFlat)]
    [InlineData(IndexKind.Dynamic)]
    [InlineData(null)]
    public async Task Search_EachKind_FindsTheNearest(string? kind)
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync(kind: kind);
        (await things.SearchAsync(Vector(1, 2, 4), 1).SingleAsync()).Record.Key.Should().Be(2);
        (await things.SearchAsync(Vector(1, 2, 4), 100, new() { Filter = t => t.Number != 20 }).Select(r => r.Record.Key).ToListAsync()).Should().Equal(1, 3, 4);
    }

    [Theory]
    [InlineData(DistanceFunction.HammingDistance, null)]
    [InlineData(DistanceFunction.ManhattanDistance, null)]
    [InlineData("Nearness", null)]
    [InlineData(null, IndexKind.DiskAnn)]
    [InlineData(null, IndexKind.IvfFlat)]
    [InlineData(null, "Heap")]
    public void Definition_DistanceOrKindNotSupported_IsRefusedWhenTheModelIsBuilt(string? distance, string? kind)
    {
        Action build = () => Store.GetCollection<int, Thing<int>>(Name, ThingDefinition(typeof(int), distance, kind));
        build.Should().Throw<NotSupportedException>().WithMessage($"*{distance ?? kind}*");
    }

    [Fact]
    public async Task Search_TopAndSkip_PageThrough()
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        List<int> all = await things.SearchAsync(Vector(1, 2, 3), int.MaxValue).Select(r => r.Record.Key).ToListAsync();
        all.Should().Equal(1, 2, 3, 4);
        (await things.SearchAsync(Vector(1, 2, 3), 2, new() { Skip = 1 }).Select(r => r.Record.Key).ToListAsync()).Should().Equal(2, 3);
        (await things.SearchAsync(Vector(1, 2, 3), 2, new() { Skip = 4 }).CountAsync()).Should().Be(0);
        (await things.SearchAsync(Vector(1, 2, 3), int.MaxValue, new() { Skip = int.MaxValue }).CountAsync()).Should().Be(0);
        Thing<int> bare = (await things.SearchAsync(Vector(1, 2, 3), 1).SingleAsync()).Record;
        bare.Vector.Length.Should().Be(0);
        Thing<int> full = (await things.SearchAsync(Vector(1, 2, 3), 1, new() { IncludeVectors = true }).SingleAsync()).Record;
        full.Vector.ToArray().Should().Equal(1, 2, 3);
    }

    [Fact]
    public Task Vector_ReadOnlyMemory_Works() => RoundTripAsync<ReadOnlyMemory<float>>(Vector(1, 2, 3), v => v.ToArray());

    [Fact]
    public Task Vector_NullableReadOnlyMemory_Works() => RoundTripAsync<ReadOnlyMemory<float>?>(Vector(1, 2, 3), v => v!.Value.ToArray());

    [Fact]
    public Task Vector_Array_Works() => RoundTripAsync<float[]>([1, 2, 3], v => v);

    [Fact]
    public Task Vector_Embedding_Works() => RoundTripAsync(new Embedding<float>(Vector(1, 2, 3)), v => v.Vector.ToArray());

    private async Task RoundTripAsync<TVector>(TVector value, Func<TVector, float[]> components)
    {
        VectorStoreCollectionDefinition definition = new()
        {
            Properties = [new VectorStoreKeyProperty("Key", typeof(int)), new VectorStoreVectorProperty("Vector", typeof(TVector), 3), new VectorStoreDataProperty("Int", typeof(int))],
        };
        VectorStoreCollection<int, Vectored<TVector>> typed = Store.GetCollection<int, Vectored<TVector>>(Name, definition);
        await typed.EnsureCollectionExistsAsync();
        await typed.UpsertAsync(new Vectored<TVector> { Key = 1, Int = 42, Vector = value });
        components((await typed.GetAsync(1, new() { IncludeVectors = true }))!.Vector).Should().Equal(1, 2, 3);
        components((await typed.SearchAsync<object>(value!, 1, new() { IncludeVectors = true }).SingleAsync()).Record.Vector).Should().Equal(1, 2, 3);
        VectorStoreCollection<object, Dictionary<string, object?>> dynamic = Dynamic(Store, definition);
        Dictionary<string, object?> read = (await dynamic.SearchAsync<object>(value!, 1, new() { IncludeVectors = true }).SingleAsync()).Record;
        components((TVector)read["Vector"]!).Should().Equal(1, 2, 3);
        read["Key"] = 2;
        await dynamic.UpsertAsync(read);
        (await dynamic.SearchAsync<object>(value!, 5).CountAsync()).Should().Be(2);
    }

    [Fact]
    public async Task Vector_Null_IsKeptAndNeverFound()
    {
        VectorStoreCollection<int, TwoVectors> pairs = Store.GetCollection<int, TwoVectors>(Name);
        await pairs.EnsureCollectionExistsAsync();
        await pairs.UpsertAsync([new() { Key = 1, First = Vector(1, 0, 0), Second = [1, 1] }, new() { Key = 2, First = null, Second = [1, 2] }, new() { Key = 3, First = Vector(0, 1, 0), Second = null }]);
        (await pairs.SearchAsync(Vector(1, 0, 0), 10, new() { VectorProperty = p => p.First }).Select(r => r.Record.Key).ToListAsync()).Should().Equal(1, 3);
        (await pairs.SearchAsync(Vector(1, 2), 10, new() { VectorProperty = p => p.Second, Filter = p => p.Key > 0 }).Select(r => r.Record.Key).ToListAsync()).Should().Equal(2, 1);
        TwoVectors two = (await pairs.GetAsync(2, new() { IncludeVectors = true }))!;
        two.First.Should().BeNull();
        two.Second.Should().Equal(1, 2);
        (await pairs.GetAsync(p => p.First == null, 9).SingleAsync()).Key.Should().Be(2);
        (await pairs.GetAsync(p => p.Second != null, 9).CountAsync()).Should().Be(2);
    }

    [Fact]
    public async Task Search_SeveralVectorsAndNoneChosen_IsRefused()
    {
        VectorStoreCollection<int, TwoVectors> pairs = Store.GetCollection<int, TwoVectors>(Name);
        await pairs.EnsureCollectionExistsAsync();
        Func<Task> search = () => pairs.SearchAsync(Vector(1, 2, 3), 1).ToListAsync().AsTask();
        await search.Should().ThrowAsync<InvalidOperationException>().WithMessage("*multiple vector properties*");
    }

    [Fact]
    public async Task Record_WithoutVectors_IsKept()
    {
        VectorStoreCollection<string, Plain> plain = Store.GetCollection<string, Plain>(Name);
        await plain.EnsureCollectionExistsAsync();
        await plain.UpsertAsync([new() { Key = "a", Text = "x" }, new() { Key = "b" }]);
        (await plain.GetAsync("a", new() { IncludeVectors = true }))!.Text.Should().Be("x");
        await plain.DeleteAsync("a");
        (await plain.GetAsync(p => true, 9).SingleAsync()).Key.Should().Be("b");
        Func<Task> search = () => plain.SearchAsync(Vector(1, 2, 3), 1).ToListAsync().AsTask();
        await search.Should().ThrowAsync<InvalidOperationException>().WithMessage("*does not have any vector*");
    }

    public sealed class Vectored<TVector>
    {
        public int Key { get; set; }

        public int Int { get; set; }

        public TVector Vector { get; set; } = default!;
    }

    public sealed class TwoVectors
    {
        [VectorStoreKey]
        public int Key { get; set; }

        [VectorStoreVector(3, IndexKind = IndexKind.Flat, StorageName = "a")]
        public ReadOnlyMemory<float>? First { get; set; }

#pragma warning disable CA1819 // an array is one of the types a vector may have
        [VectorStoreVector(2, DistanceFunction = DistanceFunction.EuclideanDistance, StorageName = "b")]
        public float[]? Second { get; set; }
#pragma warning restore CA1819
    }

    public sealed class Plain
    {
        [VectorStoreKey]
        public string Key { get; set; } = "";

        [VectorStoreData]
        public string? Text { get; set; }
    }
}
