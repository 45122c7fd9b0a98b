using Microsoft.Extensions.VectorData;

namespace Providers.VectorData;

/// <summary>How a collection made without a <see cref="ProvidersVectorStore"/> keeps its records. Read once by its constructor.</summary>
public sealed class ProvidersCollectionOptions : VectorStoreCollectionOptions
{
    /// <summary>Gets or sets the folder in which the collection survives a restart; made if it is not there. One process at a time may have it; stores and collections of one process share it.</summary>
    /// <value>A path. Default: <see langword="null"/>, memory only.</value>
    public string? Folder { get; set; }

    /// <summary>Gets or sets whether a write returns only when the disk has it, so that it survives a power loss and not only the end of the process.</summary>
    /// <value>Default: <see langword="true"/>. Without a folder it means nothing; of several users of one folder the first decides.</value>
    public bool FlushToDisk { get; set; } = true;
}
