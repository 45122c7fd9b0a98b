using Microsoft.Extensions.AI;

namespace Providers.VectorData;

/// <summary>How a <see cref="ProvidersVectorStore"/> keeps its collections. Read once by its constructor.</summary>
public sealed class ProvidersVectorStoreOptions
{
    /// <summary>Gets or sets the folder in which collections survive a restart; made if it is not there. One process at a time may have it; stores of one process share it.</summary>
    /// <value>A path. Default: <see langword="null"/>, memory only.</value>
    public string? Folder { get; set; }

    /// <summary>Gets or sets whether a write returns only when the disk has it, so that it survives a power loss and not only the end of the process.</summary>
    /// <value>Default: <see langword="true"/>. Without a folder it means nothing; of several stores of one folder the first decides.</value>
    public bool FlushToDisk { get; set; } = true;

    /// <summary>Gets or sets what makes vectors of inputs for properties and collections that have no generator of their own.</summary>
    /// <value>Default: <see langword="null"/>; with dependency injection, the registered one.</value>
    public IEmbeddingGenerator? EmbeddingGenerator { get; set; }
}
