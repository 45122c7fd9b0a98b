namespace Providers.Ollama;

/// <summary>Validated options with the look-ups done. Immutable.</summary>
internal sealed class OllamaPlan(string name, OllamaProviderOptions options)
{
    public string Name { get; } = name;

    public Uri Endpoint { get; } = options.Endpoint!.AbsoluteUri.EndsWith('/') ? options.Endpoint : new Uri(options.Endpoint.AbsoluteUri + "/");

    public string? KeepAlive { get; } = options.KeepAlive;

    public bool Truncate { get; } = options.Truncate;

    public bool? Think { get; } = options.Think;

    public bool PullMissingModels { get; } = options.PullMissingModels;

    public bool IsLocal { get; } = options.Local ?? options.Endpoint!.IsLoopback;

    /// <summary>Gets the declared models, the default one first.</summary>
    public IReadOnlyList<ModelDescriptor> Models { get; } =
    [
        .. options.Models.OrderByDescending(m => options.DefaultModel is { } first && (m.Key == first || m.Value.Id == first)).Select(static m => m.Value.ToDescriptor(m.Key)),
    ];

    public string? DefaultModel => Models is [var first, ..] ? first.Id : _wanted;

    private readonly string? _wanted = options.DefaultModel;
    private readonly int? _contextLength = options.ContextLength;

    /// <summary>The context window to ask for: what the model declares, else what the host set.</summary>
    public int? ContextOf(string model) => Models.FirstOrDefault(m => m.Id == model)?.ContextWindow ?? _contextLength;

    public bool Offers(ModelCapabilities capability) =>
        Models.Count == 0 || Models.Any(m => m.Capabilities is ModelCapabilities.None || m.Capabilities.HasFlag(capability));
}
