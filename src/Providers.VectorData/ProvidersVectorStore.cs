using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace Providers.VectorData;

/// <summary>Collections of records with vectors, searched by the indexes of Providers.Vectors, in memory or durable in a folder. All members are safe to call from any thread.</summary>
/// <remarks>Disposing the last store of a folder checkpoints and closes its collections; disposing a store in memory frees them.</remarks>
public sealed class ProvidersVectorStore : VectorStore
{
    internal const string SystemName = "providers";
    private readonly Lease _lease;
    private readonly IEmbeddingGenerator? _embeddingGenerator;
    private readonly VectorStoreMetadata _metadata;

    /// <summary>Makes a store, or opens the one in a folder.</summary>
    /// <param name="options">The options, or null for a store in memory.</param>
    /// <exception cref="IOException">Another process has the folder, or it cannot be made.</exception>
    public ProvidersVectorStore(ProvidersVectorStoreOptions? options = null)
        : this(Lease.For(options?.Folder, options?.FlushToDisk ?? true), options?.EmbeddingGenerator)
    {
    }

    internal ProvidersVectorStore(Lease lease, IEmbeddingGenerator? embeddingGenerator)
    {
        (_lease, _embeddingGenerator) = (lease, embeddingGenerator);
        _metadata = new VectorStoreMetadata { VectorStoreSystemName = SystemName, VectorStoreName = lease.Database.Folder };
    }

    /// <summary>Gets the bytes of torn writes that were dropped from the ends of logs when collections were opened: writes that were never acknowledged.</summary>
    public long DroppedLogBytes => _lease.Database.DroppedLogBytes;

    internal VectorDatabase Database => _lease.Database;

    /// <inheritdoc/>
    [RequiresDynamicCode("Mapping to .NET types needs reflection. Use GetDynamicCollection with NativeAOT.")]
    [RequiresUnreferencedCode("Mapping to .NET types needs reflection. Use GetDynamicCollection when trimming.")]
    public override VectorStoreCollection<TKey, TRecord> GetCollection<TKey, TRecord>(string name, VectorStoreCollectionDefinition? definition = null) =>
        typeof(TRecord) == typeof(Dictionary<string, object?>)
            ? throw new NotSupportedException(VectorDataStrings.GetCollectionWithDictionaryNotSupported)
            : new ProvidersCollection<TKey, TRecord>(Lease.Of(_lease.Database), name, ProvidersCollection<TKey, TRecord>.Model(definition, _embeddingGenerator));

    /// <inheritdoc/>
    public override VectorStoreCollection<object, Dictionary<string, object?>> GetDynamicCollection(string name, VectorStoreCollectionDefinition definition) =>
        new ProvidersDynamicCollection(Lease.Of(_lease.Database), name, ProvidersDynamicCollection.DynamicModel(definition, _embeddingGenerator));

    /// <inheritdoc/>
    public override async IAsyncEnumerable<string> ListCollectionNamesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (string name in _lease.Database.Names())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return name;
        }
    }

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Operation.Run(name, "CollectionExists", () => _lease.Database.Find(name) is not null));
    }

    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        cancellationToken.ThrowIfCancellationRequested();
        Operation.Run(name, "DeleteCollection", () => _lease.Database.Delete(name));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(VectorStoreMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _lease.Dispose();
        base.Dispose(disposing);
    }
}
