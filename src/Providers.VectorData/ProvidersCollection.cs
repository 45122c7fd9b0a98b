using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace Providers.VectorData;

/// <summary>A named collection of records, searched by vector, by filter, and by vector and keywords together. All members are safe to call from any thread.</summary>
/// <typeparam name="TKey">The type of keys: string, Guid, int, long, or object for any of them.</typeparam>
/// <typeparam name="TRecord">The type of records, with a parameterless constructor and settable properties.</typeparam>
/// <remarks>A batch is written wholly or not at all. A record read is a copy: changing it changes nothing stored.</remarks>
public partial class ProvidersCollection<TKey, TRecord> : VectorStoreCollection<TKey, TRecord>, IKeywordHybridSearchable<TRecord>
    where TKey : notnull
    where TRecord : class
{
    private readonly Lease _lease;
    private readonly CollectionModel _model;
    private readonly VectorStoreCollectionMetadata _metadata;

    /// <summary>Makes a collection with a store of its own, or opens the one in a folder.</summary>
    /// <param name="name">The collection's name, case-sensitive, not blank.</param>
    /// <param name="options">The options, or null for a collection in memory described by the attributes of <typeparamref name="TRecord"/>.</param>
    /// <exception cref="ArgumentException">The name is blank.</exception>
    /// <exception cref="InvalidOperationException">The record type or the definition contradicts itself.</exception>
    /// <exception cref="NotSupportedException">The record type or the definition asks for what this store does not have.</exception>
    /// <exception cref="IOException">Another process has the folder.</exception>
    [RequiresDynamicCode("Mapping to .NET types needs reflection. Use ProvidersDynamicCollection with NativeAOT.")]
    [RequiresUnreferencedCode("Mapping to .NET types needs reflection. Use ProvidersDynamicCollection when trimming.")]
    public ProvidersCollection(string name, ProvidersCollectionOptions? options = null)
        : this(name, Model(options?.Definition, options?.EmbeddingGenerator), options)
    {
    }

    internal ProvidersCollection(Lease lease, string name, CollectionModel model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (_lease, Name, _model) = (lease, name, model);
        _metadata = new VectorStoreCollectionMetadata
        {
            VectorStoreSystemName = ProvidersVectorStore.SystemName,
            VectorStoreName = lease.Database.Folder,
            CollectionName = name,
        };
    }

    private ProvidersCollection(string name, CollectionModel model, ProvidersCollectionOptions? options)
        : this(Lease.For(options?.Folder, options?.FlushToDisk ?? true), name, model)
    {
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Operation.Run(Name, "CollectionExists", () => _lease.Database.Find(Name) is not null));
    }

    /// <inheritdoc/>
    /// <exception cref="VectorStoreException">The collection is there, but what it holds contradicts the definition.</exception>
    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Operation.Run(Name, "CreateCollection", () => Bind(_lease.Database.FindOrCreate(Name, () => CollectionSchema.Empty(_model).With(_model))));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Operation.Run(Name, "DeleteCollection", () => _lease.Database.Delete(Name));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(VectorStoreCollectionMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    [RequiresDynamicCode("Mapping to .NET types needs reflection.")]
    [RequiresUnreferencedCode("Mapping to .NET types needs reflection.")]
    internal static CollectionModel Model(VectorStoreCollectionDefinition? definition, IEmbeddingGenerator? embeddingGenerator) =>
        typeof(TRecord) == typeof(Dictionary<string, object?>)
            ? throw new NotSupportedException(VectorDataStrings.NonDynamicCollectionWithDictionaryNotSupported(typeof(ProvidersDynamicCollection)))
            : new ModelBuilder().Build(typeof(TRecord), typeof(TKey), definition, embeddingGenerator);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _lease.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The stored collection and how this one's records map to it.</summary>
    private Binding Bind(CollectionData data)
    {
        data.Extend(schema => schema.With(_model));
        return _binding is { } known && known.Data == data ? known : _binding = new Binding(data, new RecordMapper(_model, data.Schema));
    }

    private Binding Bind(string operation) => Bind(_lease.Database.Find(Name) ?? throw Operation.Missing(Name, operation));

    private volatile Binding? _binding;

    private sealed record Binding(CollectionData Data, RecordMapper Mapper);
}
