namespace Providers;

/// <summary>What a provider is: its name, kind, endpoint and models. Holds no secret. Immutable.</summary>
public sealed record ProviderDescriptor
{
    /// <summary>Creates a descriptor.</summary>
    /// <param name="name">The provider's name in this host, ordinal, without <c>/</c>.</param>
    /// <param name="kind">The adapter's kind, for example <c>Ollama</c>.</param>
    /// <exception cref="ArgumentException">A parameter is empty.</exception>
    public ProviderDescriptor(string name, string kind)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(kind);
        Name = name;
        Kind = kind;
    }

    /// <summary>Gets the provider's name in this host.</summary>
    public string Name { get; }

    /// <summary>Gets the adapter's kind.</summary>
    public string Kind { get; }

    /// <summary>Gets where the provider listens, without user information, query or fragment.</summary>
    /// <value><see langword="null"/>: the provider has no address (it runs in process).</value>
    public Uri? Endpoint { get; init; }

    /// <summary>Gets a value indicating whether requests stay on this machine or on machines the host calls its own.</summary>
    /// <value>Default: <see langword="false"/>. Requests marked local only go to providers where this is <see langword="true"/>.</value>
    public bool IsLocal { get; init; }

    /// <summary>Gets a value indicating whether a first request may have to wait until the server has loaded the model.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool LoadsOnDemand { get; init; }

    /// <summary>Gets the models the provider is known to serve; the first one is its default.</summary>
    /// <value>Default: empty, whatever the server has is passed through by name.</value>
    public IReadOnlyList<ModelDescriptor> Models { get; init; } = [];
}
