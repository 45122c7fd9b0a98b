using Microsoft.Extensions.AI;

namespace Providers.VectorData.Tests;

/// <summary>Stores over one database in memory.</summary>
internal sealed class MemoryHost : IVectorStoreHost
{
    private readonly VectorDatabase _database = new(null, new StorageSettings(FlushToDisk: false));

    public VectorStore Open(IEmbeddingGenerator? generator) => new ProvidersVectorStore(Lease.Of(_database), generator);

    public void Dispose() => _database.Dispose();
}

/// <summary>Stores over one folder, opened the way a user does.</summary>
internal sealed class FolderHost : IVectorStoreHost
{
    private readonly TempFolder _folder = new();
    private readonly List<VectorStore> _stores = [];

    public VectorStore Open(IEmbeddingGenerator? generator)
    {
        var store = new ProvidersVectorStore(new() { Folder = _folder.Path, FlushToDisk = false, EmbeddingGenerator = generator });
        _stores.Add(store);
        return store;
    }

    public void Dispose()
    {
        _stores.ForEach(static s => s.Dispose());
        _folder.Dispose();
    }
}
