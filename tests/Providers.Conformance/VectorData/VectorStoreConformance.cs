using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace Providers.Conformance.VectorData;

/// <summary>What every suite needs: stores over the same data, one set of data a test.</summary>
public abstract class VectorStoreConformance(IVectorStoreHost host) : IDisposable
{
    protected const string Name = "Things";

    protected VectorStore Store => field ??= Open();

    protected VectorStore Open(IEmbeddingGenerator? generator = null) => host.Open(generator);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => host.Dispose();

    protected static ReadOnlyMemory<float> Vector(params float[] components) => components;

    protected static VectorStoreCollectionDefinition ThingDefinition(Type keyType, string? distance = null, string? kind = null) => new()
    {
        Properties =
        [
            new VectorStoreKeyProperty(nameof(Thing<>.Key), keyType) { StorageName = "id" },
            new VectorStoreDataProperty(nameof(Thing<>.Text), typeof(string)) { StorageName = "text", IsIndexed = true },
            new VectorStoreDataProperty(nameof(Thing<>.Number), typeof(int)) { IsIndexed = true },
            new VectorStoreVectorProperty(nameof(Thing<>.Vector), typeof(ReadOnlyMemory<float>), 3) { DistanceFunction = distance, IndexKind = kind },
        ],
    };

    protected async Task<VectorStoreCollection<int, Thing<int>>> SeededAsync(string? distance = null, string? kind = null)
    {
        VectorStoreCollection<int, Thing<int>> things = Store.GetCollection<int, Thing<int>>(Name, ThingDefinition(typeof(int), distance, kind));
        await things.EnsureCollectionExistsAsync();
        await things.UpsertAsync(Things());
        return things;
    }

    protected static Thing<int>[] Things() =>
    [
        new() { Key = 1, Text = "one", Number = 10, Vector = Vector(1, 2, 3) },
        new() { Key = 2, Text = "two", Number = 20, Vector = Vector(1, 2, 4) },
        new() { Key = 3, Text = "two", Number = 30, Vector = Vector(1, 2, 6) },
        new() { Key = 4, Text = null, Number = 40, Vector = Vector(9, 0, 0) },
    ];

    protected static VectorStoreCollection<object, Dictionary<string, object?>> Dynamic(VectorStore store, VectorStoreCollectionDefinition definition, string name = Name)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.GetDynamicCollection(name, definition);
    }
}

/// <summary>The record of most suites.</summary>
public sealed class Thing<TKey>
{
    public TKey Key { get; set; } = default!;

    public string? Text { get; set; }

    public int Number { get; set; }

    public ReadOnlyMemory<float> Vector { get; set; }
}
