using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace Providers.VectorData;

/// <summary>A collection whose records are dictionaries, described by a definition: needs no reflection, so it works with NativeAOT and trimming.</summary>
public sealed class ProvidersDynamicCollection : ProvidersCollection<object, Dictionary<string, object?>>
{
    /// <summary>Makes a collection with a store of its own, or opens the one in a folder.</summary>
    /// <param name="name">The collection's name, case-sensitive, not blank.</param>
    /// <param name="options">The options; <see cref="VectorStoreCollectionOptions.Definition"/> is required.</param>
    /// <exception cref="ArgumentException">The name is blank, or there is no definition.</exception>
    /// <exception cref="InvalidOperationException">The definition contradicts itself.</exception>
    /// <exception cref="NotSupportedException">The definition asks for what this store does not have.</exception>
    /// <exception cref="IOException">Another process has the folder.</exception>
    public ProvidersDynamicCollection(string name, ProvidersCollectionOptions options)
        : this(name, DynamicModel(Required(options).Definition!, options.EmbeddingGenerator), options)
    {
    }

    internal ProvidersDynamicCollection(Lease lease, string name, CollectionModel model)
        : base(lease, name, model)
    {
    }

    private ProvidersDynamicCollection(string name, CollectionModel model, ProvidersCollectionOptions options)
        : base(Lease.For(options.Folder, options.FlushToDisk), name, model)
    {
    }

    internal static CollectionModel DynamicModel(VectorStoreCollectionDefinition definition, IEmbeddingGenerator? embeddingGenerator)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new ModelBuilder().BuildDynamic(definition, definition.EmbeddingGenerator ?? embeddingGenerator);
    }

    private static ProvidersCollectionOptions Required(ProvidersCollectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Definition is null ? throw new ArgumentException("Dynamic records need a Definition in the options.", nameof(options)) : options;
    }
}
