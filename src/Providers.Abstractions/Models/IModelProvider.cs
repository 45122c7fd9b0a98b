using Microsoft.Extensions.AI;

namespace Providers;

/// <summary>One configured backend. Adapters implement it; the composite and the doors use it.</summary>
/// <remarks>
/// Implementations are safe for concurrent use. One that also implements <see cref="IAsyncDisposable"/> or
/// <see cref="IDisposable"/> is disposed by the composite that created it, after its last request.
/// </remarks>
public interface IModelProvider
{
    /// <summary>Gets what the provider is.</summary>
    ProviderDescriptor Descriptor { get; }

    /// <summary>Gets the chat client; it honours <see cref="ChatOptions.ModelId"/> and throws <see cref="ProviderException"/>.</summary>
    /// <value><see langword="null"/>: the provider does not chat.</value>
    IChatClient? ChatClient { get; }

    /// <summary>Gets the embedding generator; it honours <see cref="EmbeddingGenerationOptions.ModelId"/>.</summary>
    /// <value><see langword="null"/>: the provider does not embed.</value>
    IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator { get; }

    /// <summary>Gets the reranker.</summary>
    /// <value><see langword="null"/> (the default): the provider does not rerank.</value>
    IReranker? Reranker => null;

    /// <summary>Asks the server whether it can serve. Cheap and free: never a paid completion.</summary>
    /// <param name="cancellationToken">Ends the probe.</param>
    /// <returns>The health; a dead server is reported as <see cref="ProviderHealth.Unhealthy"/>, not thrown.</returns>
    ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default);

    /// <summary>Asks the server which models it has.</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>The models; those that the host declared keep their declaration.</returns>
    /// <exception cref="ProviderException">The server did not answer, or not usably.</exception>
    ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default);

    /// <summary>Says what an exception of this provider's clients means.</summary>
    /// <param name="exception">Whatever a client threw; may be wrapped.</param>
    /// <returns>The failure; <see cref="FailureKind.Unknown"/> when nothing is recognised.</returns>
    ProviderFailure Classify(Exception exception);
}
