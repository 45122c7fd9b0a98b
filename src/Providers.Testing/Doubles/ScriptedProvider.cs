using Microsoft.Extensions.AI;

namespace Providers.Testing;

/// <summary>A provider in process over a <see cref="ScriptedChatClient"/> and a <see cref="ScriptedEmbeddingGenerator"/>. Safe for concurrent use.</summary>
public sealed class ScriptedProvider : IModelProvider
{
    private int _healthChecks;

    /// <summary>Creates a provider.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="clock">The clock of every wait; <see langword="null"/> for the system's.</param>
    /// <param name="embeddings">Makes its vectors; <see langword="null"/>: it does not embed.</param>
    public ScriptedProvider(string name, TimeProvider? clock = null, HashingEmbeddingGenerator? embeddings = null)
    {
        Descriptor = new ProviderDescriptor(name, "Scripted");
        Chat = new ScriptedChatClient(name, clock);
        Embeddings = embeddings is null ? null : new ScriptedEmbeddingGenerator(embeddings, name, clock);
    }

    /// <inheritdoc/>
    public ProviderDescriptor Descriptor { get; init; }

    /// <summary>Gets the chat client, to script it.</summary>
    public ScriptedChatClient Chat { get; }

    /// <summary>Gets the embedding generator, to script it.</summary>
    /// <value><see langword="null"/>: the provider does not embed.</value>
    public ScriptedEmbeddingGenerator? Embeddings { get; }

    /// <summary>Gets or sets what health checks find.</summary>
    public ProviderHealthReport Health { get; set; } = new(ProviderHealth.Healthy);

    /// <summary>Gets the number of health checks so far.</summary>
    public int HealthChecks => Volatile.Read(ref _healthChecks);

    /// <inheritdoc/>
    public IChatClient ChatClient => Chat;

    /// <inheritdoc/>
    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator => Embeddings;

    /// <inheritdoc/>
    public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _healthChecks);
        return new ValueTask<ProviderHealthReport>(Health);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new(Descriptor.Models);

    /// <inheritdoc/>
    public ProviderFailure Classify(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is ProviderException known)
            {
                return known.Failure;
            }
        }

        return new ProviderFailure(FailureKind.Unknown, exception.Message);
    }
}
