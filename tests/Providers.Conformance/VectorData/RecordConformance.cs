using FluentAssertions;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace Providers.Conformance.VectorData;

/// <summary>Typed records: upsert, get by key and by filter, delete.</summary>
public abstract class RecordConformance(IVectorStoreHost host) : VectorStoreConformance(host)
{
    private static void ShouldEqual(Thing<int>? actual, Thing<int> expected, bool vectors)
    {
        actual.Should().NotBeNull();
        (actual!.Key, actual.Text, actual.Number).Should().Be((expected.Key, expected.Text, expected.Number));
        actual.Vector.ToArray().Should().Equal(vectors ? expected.Vector.ToArray() : []);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Get_ByKey_GivesTheRecord_WithVectorsWhenAsked(bool vectors)
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        ShouldEqual(await things.GetAsync(2, new() { IncludeVectors = vectors }), Things()[1], vectors);
        List<Thing<int>> some = await things.GetAsync([3, 99, 1], new() { IncludeVectors = vectors }).ToListAsync();
        some.Should().HaveCount(2);
        ShouldEqual(some.Single(t => t.Key == 3), Things()[2], vectors);
        ShouldEqual(some.Single(t => t.Key == 1), Things()[0], vectors);
        Thing<int> filtered = await things.GetAsync(t => t.Number == 10, 2, new() { IncludeVectors = vectors }).SingleAsync();
        ShouldEqual(filtered, Things()[0], vectors);
    }

    [Fact]
    public async Task Get_MissingOrNone_GivesNothing()
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        (await things.GetAsync(99)).Should().BeNull();
        (await things.GetAsync([]).ToListAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Get_ByFilter_OrdersSkipsAndTakes()
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        async Task<int[]> Keys(int top, FilteredRecordRetrievalOptions<Thing<int>> options) =>
            await things.GetAsync(t => t.Number > 0, top, options).Select(t => t.Key).ToArrayAsync();

        (await Keys(2, new() { OrderBy = o => o.Ascending(t => t.Number) })).Should().Equal(1, 2);
        (await Keys(2, new() { OrderBy = o => o.Descending(t => t.Number) })).Should().Equal(4, 3);
        (await Keys(2, new() { OrderBy = o => o.Ascending(t => t.Number), Skip = 1 })).Should().Equal(2, 3);
        (await Keys(9, new() { OrderBy = o => o.Descending(t => t.Text).Ascending(t => t.Number) })).Should().Equal(2, 3, 1, 4);
        (await Keys(9, new() { OrderBy = o => o.Ascending(t => t.Text).Descending(t => t.Key) })).Should().Equal(4, 1, 3, 2);
        (await Keys(9, new() { Skip = 4 })).Should().BeEmpty();
        (await things.GetAsync(t => true, 100).CountAsync()).Should().Be(4);
    }

    [Fact]
    public async Task Upsert_ExistingAndNew_ReplacesAndAdds()
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        Thing<int>[] changed = [new() { Key = 7, Text = "seven", Number = 70, Vector = Vector(0, 0, 1) }, new() { Key = 1, Text = null, Number = 11, Vector = Vector(0, 1, 0) }];
        await things.UpsertAsync(changed);
        ShouldEqual(await things.GetAsync(7, new() { IncludeVectors = true }), changed[0], true);
        ShouldEqual(await things.GetAsync(1, new() { IncludeVectors = true }), changed[1], true);
        (await things.GetAsync(t => true, 100).CountAsync()).Should().Be(5);
        (await things.SearchAsync(Vector(0, 1, 0), 1).SingleAsync()).Record.Key.Should().Be(1);
    }

    [Fact]
    public async Task Upsert_SameKeyTwiceInABatch_KeepsTheLast()
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        await things.UpsertAsync([new() { Key = 5, Number = 1, Vector = Vector(1, 0, 0) }, new() { Key = 5, Number = 2, Vector = Vector(0, 1, 0) }]);
        (await things.GetAsync(5))!.Number.Should().Be(2);
        (await things.SearchAsync(Vector(1, 1, 1), 100).CountAsync()).Should().Be(5);
    }

    [Fact]
    public async Task Record_ChangedAfterUpsertOrGet_ChangesNothingStored()
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        float[] components = [1, 0, 0];
        var thing = new Thing<int> { Key = 8, Text = "eight", Vector = components };
        await things.UpsertAsync(thing);
        thing.Text = "changed";
        components[0] = 5;
        Thing<int> read = (await things.GetAsync(8, new() { IncludeVectors = true }))!;
        read.Text.Should().Be("eight");
        read.Vector.ToArray().Should().Equal(1, 0, 0);
        read.Text = "changed";
        (await things.GetAsync(8))!.Text.Should().Be("eight");
    }

    [Fact]
    public async Task Delete_RemovesWhatIsThere_AndNothingElse()
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        await things.DeleteAsync(1);
        await things.DeleteAsync(99);
        await things.DeleteAsync([]);
        await things.DeleteAsync([2, 99]);
        (await things.GetAsync([1, 2]).ToListAsync()).Should().BeEmpty();
        (await things.SearchAsync(Vector(1, 2, 3), 100).Select(r => r.Record.Key).ToArrayAsync()).Should().BeEquivalentTo([3, 4]);
    }

    [Fact]
    public async Task Arguments_NullOrOutOfRange_AreNamed()
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        async Task Named<T>(string name, Func<Task> call)
            where T : ArgumentException => (await call.Should().ThrowAsync<T>()).Which.ParamName.Should().Be(name);

        await Named<ArgumentNullException>("keys", () => things.GetAsync(keys: null!).ToListAsync().AsTask());
        await Named<ArgumentNullException>("keys", () => things.DeleteAsync(keys: null!));
        await Named<ArgumentNullException>("records", () => things.UpsertAsync(records: null!));
        await Named<ArgumentNullException>("record", () => things.UpsertAsync(record: null!));
        await Named<ArgumentNullException>("filter", () => things.GetAsync(filter: null!, 1).ToListAsync().AsTask());
        await Named<ArgumentNullException>("searchValue", () => things.SearchAsync((string)null!, 1).ToListAsync().AsTask());
        await Named<ArgumentOutOfRangeException>("top", () => things.GetAsync(t => true, 0).ToListAsync().AsTask());
        await Named<ArgumentOutOfRangeException>("top", () => things.SearchAsync(Vector(1, 2, 3), 0).ToListAsync().AsTask());
        await things.UpsertAsync([]);
        VectorStoreCollection<string, Thing<string>> text = Store.GetCollection<string, Thing<string>>("texts", ThingDefinition(typeof(string)));
        await text.EnsureCollectionExistsAsync();
        await Named<ArgumentNullException>("key", () => text.GetAsync((string)null!));
        await Named<ArgumentNullException>("key", () => text.DeleteAsync((string)null!));
    }

    [Fact]
    public async Task Upsert_BadVector_SaysWhatWasExpectedAndKeepsNothing()
    {
        VectorStoreCollection<int, Thing<int>> things = await SeededAsync();
        foreach ((float[] bad, string expected, string got) in new (float[], string, string)[] { ([1, 2], "3", "2"), ([1, float.NaN, 2], "finite", "NaN"), ([float.PositiveInfinity, 1, 2], "finite", "∞"), ([0, 0, 0], "direction", "zero"), ([], "3", "0") })
        {
            Func<Task> upsert = () => things.UpsertAsync([new() { Key = 50, Vector = Vector(1, 1, 1) }, new() { Key = 51, Vector = bad }]);
            (await upsert.Should().ThrowAsync<VectorStoreException>()).Which.Message.Should().Contain(expected).And.ContainAny(got, "Infinity");
            (await things.GetAsync([50, 51]).ToListAsync()).Should().BeEmpty("a batch is written wholly or not at all");
            Func<Task> search = () => things.SearchAsync<float[]>(bad, 1).ToListAsync().AsTask();
            await search.Should().ThrowAsync<VectorStoreException>();
        }
    }
}
