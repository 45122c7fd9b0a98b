using Microsoft.Extensions.AI;

namespace Providers.VectorData.Tests;

/// <summary>What is refused, and that nothing of it stays.</summary>
public sealed class LimitTests
{
    private static VectorStoreCollectionDefinition Definition(params VectorStoreProperty[] more) => new()
    {
        Properties = [new VectorStoreKeyProperty("Key", typeof(int)), .. more],
    };

    private static void ShouldBeRefused(VectorStoreCollectionDefinition definition, string message)
    {
        using var store = new ProvidersVectorStore();
        Action build = () => store.GetDynamicCollection("limits", definition);
        build.Should().Throw<NotSupportedException>().WithMessage(message);
    }

    [Fact]
    public void Definition_BeyondTheLimits_IsRefusedWithThem()
    {
        ShouldBeRefused(Definition(new VectorStoreVectorProperty("V", typeof(float[]), 16_385)), "*16385*16384*");
        ShouldBeRefused(Definition(new VectorStoreDataProperty("D", typeof(int)) { IsFullTextIndexed = true }), "*D*Int32*string*");
        ShouldBeRefused(new() { Properties = [new VectorStoreKeyProperty("Key", typeof(DateTime))] }, "*Key*DateTime*string, Guid, int, long*");
    }

    [Fact]
    public async Task Record_WithoutAKey_IsRefusedByItsName()
    {
        using var store = new ProvidersVectorStore();
        VectorStoreCollection<object, Dictionary<string, object?>> limits = store.GetDynamicCollection("limits", new() { Properties = [new VectorStoreKeyProperty("Key", typeof(string))] });
        await limits.EnsureCollectionExistsAsync();
        await limits.Awaiting(static l => l.UpsertAsync(new Dictionary<string, object?> { ["Key"] = null })).Should().ThrowAsync<VectorStoreException>().WithMessage("*Key property 'Key' is null.*");
    }

    [Fact]
    public async Task Vector_LongerThanFloatsCanMeasure_IsRefused()
    {
        using var store = new ProvidersVectorStore();
        VectorStoreCollection<object, Dictionary<string, object?>> limits = store.GetDynamicCollection(
            "limits", Definition(new VectorStoreVectorProperty("V", typeof(float[]), 2) { DistanceFunction = DistanceFunction.DotProductSimilarity }));
        await limits.EnsureCollectionExistsAsync();
        Func<Task> upsert = () => limits.UpsertAsync(new Dictionary<string, object?> { ["Key"] = 1, ["V"] = new[] { 1e30f, 1e30f } });
        await upsert.Should().ThrowAsync<VectorStoreException>().WithMessage("*beyond the range of float*");
        await limits.UpsertAsync(new Dictionary<string, object?> { ["Key"] = 1, ["V"] = new float[] { 0, 0 } });
        (await limits.SearchAsync(new float[] { 1, 1 }, 1).SingleAsync()).Score.Should().Be(0, "a zero vector has a dot product");
    }

    [Fact]
    public async Task Write_ThatCannotBeLogged_LeavesNothing()
    {
        using var folder = new TempFolder();
        using var database = new VectorDatabase(folder.Path, new StorageSettings(false));
        using var store = new ProvidersVectorStore(Lease.Of(database), null);
        VectorStoreCollection<object, Dictionary<string, object?>> limits = store.GetDynamicCollection(
            "limits", Definition(new VectorStoreDataProperty("N", typeof(int)), new VectorStoreVectorProperty("V", typeof(float[]), 2)));
        await limits.EnsureCollectionExistsAsync();
        CollectionData data = database.Find("limits")!;
        Action broken = () => data.Upsert([new Draft(1, [5], [[1, 2]]), new Draft(2, ["not an int"], [[3, 4]])]);
        broken.Should().Throw<InvalidCastException>();
        data.Rows.Count.Should().Be(0);
        data.Column(0).Index.Count.Should().Be(0);
        await limits.UpsertAsync(new Dictionary<string, object?> { ["Key"] = 1, ["N"] = 7, ["V"] = new float[] { 1, 2 } });
        (await limits.SearchAsync(new float[] { 1, 1 }, 9).SingleAsync()).Record["N"].Should().Be(7);
    }

    [Fact]
    public async Task Order_ByListOrVector_IsRefused()
    {
        using var store = new ProvidersVectorStore();
        VectorStoreCollection<object, Dictionary<string, object?>> limits = store.GetDynamicCollection(
            "limits", Definition(new VectorStoreDataProperty("L", typeof(string[])), new VectorStoreVectorProperty("V", typeof(float[]), 2)));
        await limits.EnsureCollectionExistsAsync();
        foreach (string name in new[] { "L", "V" })
        {
            Func<Task> get = () => limits.GetAsync(r => true, 1, new() { OrderBy = o => o.Ascending(r => r[name]) }).ToListAsync().AsTask();
            await get.Should().ThrowAsync<InvalidOperationException>().WithMessage($"*'{name}'*vector or a list*");
        }
    }

    [Fact]
    public async Task Collection_MadeAlone_HasAStoreOfItsOwn()
    {
        using var alone = new ProvidersCollection<string, Numbered>("numbers");
        await alone.EnsureCollectionExistsAsync();
        await alone.UpsertAsync(new Numbered { Key = "a", Vector = new float[] { 1, 2, 3 } });
        using var other = new ProvidersCollection<string, Numbered>("numbers");
        (await other.CollectionExistsAsync()).Should().BeFalse();
        Action dictionary = () => new ProvidersCollection<object, Dictionary<string, object?>>("x").Dispose();
        dictionary.Should().Throw<NotSupportedException>().WithMessage("*ProvidersDynamicCollection*");
        Action undefined = () => new ProvidersDynamicCollection("x", new()).Dispose();
        undefined.Should().Throw<ArgumentException>().WithMessage("*Definition*");
        Action blank = () => new ProvidersCollection<string, Numbered>(" ").Dispose();
        blank.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Search_WhenTheIndexCannotAnswerForTheMoment_MeasuresEveryRow()
    {
        using var column = new VectorColumn(new VectorField("V", 2, DistanceFunction.CosineSimilarity, IndexKind.Flat), null);
        Row[] rows = [.. Enumerable.Range(0, 10).Select(static i => new Row(Row.MakeId(i, 1), i, [], [[1, i]]))];
        RowTable table = RowTable.Empty.With([], rows);
        // The index has none of them, as if writers were always ahead.
        VectorSearcher.Search(() => table, column, 0, [1, 4], 3, null).Select(static h => h.Row.Key).Should().Equal(4, 5, 3);
        column.Insert([.. rows.Select(static r => new Row(Row.MakeId(r.Slot, 2), r.Key, [], [r.Vector(0)]))], 0);
        VectorSearcher.Search(() => table, column, 0, [1, 0], 2, null).Select(static h => h.Row.Key).Should().Equal(0, 1);
    }

    [Fact]
    public void Types_OfEveryKind_ComeBackFromTheLog()
    {
        object[] values =
        [
            "lone \uD800", true, (byte)200, (sbyte)-5, (short)-300, (ushort)60_000, -7, 4_000_000_000u, long.MinValue, ulong.MaxValue, 1.5f, double.NaN, 1.10m, '\uDC00',
            Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e"), new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Local), new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-90)),
            new DateOnly(2020, 1, 2), new TimeOnly(3, 4, 5), TimeSpan.FromTicks(-1),
        ];
        DataField[] fields = [.. values.SelectMany(static v => FieldTypes.TryGet(v.GetType(), out FieldType? type, out _) ? new DataField[] { new("s", type, false, false), new("l", type, true, false) } : [])];
        fields.Should().HaveCount(40);
        var schema = new CollectionSchema(FieldTypes.Text, fields, []);
        object?[] data = [.. values.SelectMany((v, i) => new object?[] { v, fields[2 * i].Type.ToArray(Listed(v)) })];
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        RecordFormat.WritePut(writer, schema, new Row(9, "key", data, []));
        stream.Position = 1;
        using var reader = new BinaryReader(stream);
        Row read = RecordFormat.ReadPut(reader, schema);
        for (int i = 0; i < data.Length; i++)
        {
            read.Value(i).Should().BeEquivalentTo(data[i]);
        }

        ((DateTime)read.Value(30)!).Kind.Should().Be(DateTimeKind.Local);
        ((DateTimeOffset)read.Value(32)!).Offset.Should().Be(TimeSpan.FromMinutes(-90));
        Action unknown = () => FieldTypes.FromCode(99);
        unknown.Should().Throw<InvalidDataException>().WithMessage("*99*newer*");
    }

    private static System.Collections.IEnumerable Listed(object value)
    {
        Array list = Array.CreateInstance(value.GetType(), 2);
        list.SetValue(value, 0);
        return list;
    }

    [Fact]
    public async Task Cancelled_CallsDoNothing()
    {
        using var store = new ProvidersVectorStore();
        VectorStoreCollection<string, Numbered> numbers = store.GetCollection<string, Numbered>("numbers");
        await numbers.EnsureCollectionExistsAsync();
        var cancelled = new CancellationToken(canceled: true);
        Func<Task> upsert = () => numbers.UpsertAsync(new Numbered { Key = "a", Vector = new float[] { 1, 2, 3 } }, cancelled);
        await upsert.Should().ThrowAsync<OperationCanceledException>();
        (await numbers.GetAsync("a")).Should().BeNull();
        Func<Task> list = () => store.ListCollectionNamesAsync(cancelled).ToListAsync().AsTask();
        await list.Should().ThrowAsync<OperationCanceledException>();
        store.GetService(typeof(IEmbeddingGenerator)).Should().BeNull();
    }
}
