namespace Providers;

/// <summary>What a request would ask of a route: for <see cref="IProviderCatalog.Explain"/>. Immutable.</summary>
public sealed record RouteNeeds
{
    /// <summary>Gets what sort of request it is: chat, embeddings or rerank.</summary>
    /// <value>Default: <see cref="ModelCapabilities.Chat"/>.</value>
    public ModelCapabilities Kind { get; init; } = ModelCapabilities.Chat;

    /// <summary>Gets what else the model must be able to do.</summary>
    public ModelCapabilities Capabilities { get; init; }

    /// <summary>Gets the length of the prompt, in tokens.</summary>
    /// <value>Default: 0, no target is held back for its context window.</value>
    public int Tokens { get; init; }

    /// <summary>Gets a value indicating whether the request must stay local.</summary>
    public bool LocalOnly { get; init; }
}
