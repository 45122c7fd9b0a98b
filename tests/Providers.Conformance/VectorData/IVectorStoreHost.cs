using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;

namespace Providers.Conformance.VectorData;

/// <summary>Where a test's data is: empty at first, gone when disposed.</summary>
public interface IVectorStoreHost : IDisposable
{
    /// <summary>Opens one more store over the data, with a generator of its own.</summary>
    VectorStore Open(IEmbeddingGenerator? generator);
}
