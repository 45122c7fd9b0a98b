namespace Providers.Testing;

/// <summary>One target of a scenario, in the order of preference. Immutable.</summary>
/// <param name="Name">The target's name.</param>
/// <param name="Model">The model to ask it for.</param>
/// <param name="Wire">What it speaks.</param>
public sealed record FaultWallTarget(string Name, string Model, FaultWallWire Wire)
{
    /// <summary>Gets the provider.</summary>
    /// <value><see langword="null"/>: the target is reached over its <see cref="Endpoint"/>.</value>
    public ScriptedProvider? Provider { get; init; }

    /// <summary>Gets where the target listens, <c>http://127.0.0.1:port/</c>; an OpenAI API is under <c>v1</c>.</summary>
    /// <value><see langword="null"/>: the target is in process.</value>
    public Uri? Endpoint { get; init; }

    /// <summary>Gets the keys to use, in order.</summary>
    /// <value>Default: empty, any key will do.</value>
    public IReadOnlyList<string> ApiKeys { get; init; } = [];

    /// <summary>Gets the domain whose rate limits the target shares.</summary>
    /// <value><see langword="null"/> (the default): its own.</value>
    public string? RateLimitDomain { get; init; }

    /// <summary>Gets what is known of the model: context window, vector space, dimensions, capabilities.</summary>
    public required ModelDescriptor Descriptor { get; init; }

    /// <summary>Gets a value indicating whether the target loads its model with the first request.</summary>
    public bool LoadsOnDemand { get; init; }
}
