namespace Providers;

/// <summary>One model a provider serves, with what is known of it. Immutable.</summary>
public sealed record ModelDescriptor
{
    /// <summary>Creates a descriptor.</summary>
    /// <param name="id">The model's id as the server spells it, ordinal.</param>
    /// <exception cref="ArgumentException"><paramref name="id"/> is empty.</exception>
    public ModelDescriptor(string id)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        Id = id;
    }

    /// <summary>Gets the model's id as the server spells it.</summary>
    public string Id { get; }

    /// <summary>Gets what the model can do.</summary>
    /// <value>Default: <see cref="ModelCapabilities.None"/>, nothing is declared and every request is tried.</value>
    public ModelCapabilities Capabilities { get; init; }

    /// <summary>Gets the context window in tokens.</summary>
    /// <value><see langword="null"/>: unknown, no request is held back for its length.</value>
    public int? ContextWindow { get; init; }

    /// <summary>Gets the length of the model's embeddings.</summary>
    /// <value><see langword="null"/>: unknown, any length is accepted.</value>
    public int? EmbeddingDimensions { get; init; }

    /// <summary>Gets the id of the vector space: two models may replace each other for embeddings only when theirs is equal.</summary>
    /// <value><see langword="null"/>: the model's own space, named by its id.</value>
    public string? VectorSpace { get; init; }

    /// <summary>Gets the memory the loaded model takes, in bytes.</summary>
    /// <value><see langword="null"/>: unknown.</value>
    public long? MemoryFootprint { get; init; }

    /// <summary>Gets the price of a million input tokens, in the host's currency.</summary>
    /// <value><see langword="null"/>: unknown; 0: free.</value>
    public decimal? InputPrice { get; init; }

    /// <summary>Gets the price of a million output tokens, in the host's currency.</summary>
    /// <value><see langword="null"/>: unknown; 0: free.</value>
    public decimal? OutputPrice { get; init; }
}
