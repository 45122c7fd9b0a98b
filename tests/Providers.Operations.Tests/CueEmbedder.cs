using Providers.Testing;

namespace Providers.Operations.Tests;

/// <summary>A model of embeddings that is away on cue.</summary>
internal sealed class CueEmbedder() : DelegatingEmbeddingGenerator<string, Embedding<float>>(new HashingEmbeddingGenerator())
{
    public bool IsAway { get; set; }

    public override Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        IsAway ? throw new ProviderException(new ProviderFailure(FailureKind.ConnectionLost, "away on cue")) : base.GenerateAsync(values, options, cancellationToken);
}
