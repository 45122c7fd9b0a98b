using Microsoft.Extensions.AI;

namespace Providers.Testing;

/// <summary>What a subject built: the clients the wall calls, and what to dispose after them.</summary>
/// <param name="Chat">The chat client; <see langword="null"/>: the subject does not chat, and its chat scenarios fail.</param>
/// <param name="Embeddings">The embedding generator; <see langword="null"/>: the subject does not embed, and its embedding scenarios fail.</param>
/// <param name="Owner">Disposed at the end; <see langword="null"/>: the clients are.</param>
public sealed record FaultWallClient(
    IChatClient? Chat, IEmbeddingGenerator<string, Embedding<float>>? Embeddings = null, IAsyncDisposable? Owner = null) : IAsyncDisposable
{
    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Owner is not null)
        {
            await Owner.DisposeAsync().ConfigureAwait(false);
            return;
        }

        Chat?.Dispose();
        Embeddings?.Dispose();
    }
}
