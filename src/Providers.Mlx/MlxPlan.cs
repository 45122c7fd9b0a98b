namespace Providers.Mlx;

/// <summary>The validated, immutable form of <see cref="MlxProviderOptions"/>.</summary>
internal sealed record MlxPlan
{
    public static readonly Uri DefaultAddress = new("http://127.0.0.1:8080");

    private Lazy<int?> _folderWindow = new(() => null);

    public required string Name { get; init; }

    /// <summary>Where to attach; <see langword="null"/> when a server is launched.</summary>
    public required Uri? BaseUrl { get; init; }

    public required LaunchPlan? Launch { get; init; }

    public required bool StartEagerly { get; init; }

    public required IReadOnlyList<ModelDescriptor> Models { get; init; }

    public required IReadOnlySet<string> Matryoshka { get; init; }

    public required bool IsLocal { get; init; }

    public required Func<string?> ApiKey { get; init; }

    public required string DefaultModel { get; init; }

    public required int MaxConcurrency { get; init; }

    public required int MaxOutputTokens { get; init; }

    public required MlxSchemaMode JsonSchema { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public required TimeSpan StartupWait { get; init; }

    public required TimeSpan FirstByteTimeout { get; init; }

    public required TimeSpan IdleTimeout { get; init; }

    public required TimeSpan ProbeTimeout { get; init; }

    public required bool NormalizeEmbeddings { get; init; }

    public required int EmbeddingBatchSize { get; init; }

    public required int EmbeddingBatchCharacters { get; init; }

    /// <summary>Whether some model chats; a server or a model of which nothing is declared is taken for one that does.</summary>
    public bool Chats => Models.Count is 0 || Models.Any(MayChat);

    public IEnumerable<ModelDescriptor> EmbeddingModels => Models.Where(static m => m.Capabilities.HasFlag(ModelCapabilities.Embeddings));

    /// <summary>The model a probe asks.</summary>
    public string ProbeModel => Chats ? WireModel(null) : EmbeddingModels.First().Id;

    public WatchLimits WatchLimits => new(ProbeTimeout, new[] { ProbeTimeout, IdleTimeout, FirstByteTimeout }.Min() / 2);

    /// <summary>A server's words without the key it was sent.</summary>
    public string MaskKey(string text) => ApiKey() is { Length: >= 4 } key ? text.Replace(key, "***", StringComparison.Ordinal) : text;

    /// <exception cref="ArgumentException">The options are wrong; the message lists every error.</exception>
    public static MlxPlan From(string name, MlxProviderOptions options)
    {
        IReadOnlyList<string> errors = MlxOptionsCheck.Errors(options);
        if (errors.Count > 0)
        {
            throw new ArgumentException($"MLX provider '{name}' has {errors.Count} wrong options: {string.Join(" ", errors)}", nameof(options));
        }

        LaunchPlan? launch = options.Launch is null ? null : LaunchPlan.From(options.Launch, name);
        Uri? address = launch is null ? Root(options.BaseUrl ?? DefaultAddress) : null;
        string? key = options.ApiKey;
        return new MlxPlan
        {
            Name = name,
            BaseUrl = address,
            Launch = launch,
            StartEagerly = options.Launch?.StartEagerly is true,
            Models = ModelsOf(options, launch),
            Matryoshka = options.MatryoshkaModels.ToHashSet(StringComparer.Ordinal),
            IsLocal = options.IsLocal ?? address?.IsLoopback ?? true,
            ApiKey = options.ApiKeyProvider ?? (() => key),
            DefaultModel = options.Model ?? launch?.RequestModel ?? LaunchPlan.DefaultModel,
            MaxConcurrency = options.MaxConcurrency,
            MaxOutputTokens = options.MaxOutputTokens,
            JsonSchema = options.JsonSchema,
            ConnectTimeout = options.ConnectTimeout,
            StartupWait = options.StartupWait,
            FirstByteTimeout = options.FirstByteTimeout ?? TimeSpan.FromMinutes(launch is null ? 5 : 2),
            IdleTimeout = options.IdleTimeout,
            ProbeTimeout = options.ProbeTimeout,
            NormalizeEmbeddings = options.NormalizeEmbeddings,
            EmbeddingBatchSize = options.EmbeddingBatchSize,
            EmbeddingBatchCharacters = options.EmbeddingBatchCharacters,
            _folderWindow = new Lazy<int?>(() => launch?.Model is { } folder && ModelFolder.IsFolder(folder) ? ModelFolder.ContextWindow(folder) : null),
        };
    }

    /// <summary>The id to send for the one a request asked for.</summary>
    public string WireModel(string? asked) => Launch is { HasBootstrap: true } ? LaunchPlan.DefaultModel : asked ?? DefaultModel;

    /// <summary>The id to show for the one that was sent.</summary>
    public string ShownModel(string? asked) => Launch is { HasBootstrap: true, Model: { } launched } ? launched : asked ?? DefaultModel;

    /// <summary>The context window of a model as declared, or as the folder of the launched one says; <see langword="null"/> when neither does.</summary>
    public int? ContextWindow(string? asked) => Find(asked)?.ContextWindow ?? (Launch is { HasBootstrap: true } ? _folderWindow.Value : null);

    /// <summary>What is declared of a model; the first chat model's where a request names none.</summary>
    public ModelDescriptor? Find(string? asked) => asked is null
        ? Models.FirstOrDefault(MayChat)
        : Models.FirstOrDefault(m => m.Id == asked);

    // Users paste addresses with and without /v1; relative paths need the slash at the end.
    private static Uri Root(Uri address)
    {
        string path = address.AbsolutePath.TrimEnd('/');
        path = path.EndsWith("/v1", StringComparison.Ordinal) ? path[..^3] : path;
        return new UriBuilder(address.Scheme, address.Host, address.Port, path + "/").Uri;
    }

    // A launched server has the one model it is launched with; where nothing more is declared, that much is known.
    private static ModelDescriptor[] ModelsOf(MlxProviderOptions options, LaunchPlan? launch) =>
        options.Models.Count is 0 && launch is { HasBootstrap: true, Model: { } model }
            ? [new ModelDescriptor(model) { Capabilities = Launched(options) }]
            : [.. options.Models.Select(static m => m.Value.ToDescriptor(m.Key))];

    // mlx_lm.server reads only text and has no embeddings; JSON of a schema is seen to here, unless that is left to others.
    private static ModelCapabilities Launched(MlxProviderOptions options) =>
        ModelCapabilities.Chat | ModelCapabilities.Streaming | ModelCapabilities.Tools | ModelCapabilities.Reasoning
        | (options.JsonSchema is MlxSchemaMode.Prompted ? ModelCapabilities.JsonSchema : ModelCapabilities.None);

    private static bool MayChat(ModelDescriptor model) =>
        model.Capabilities is ModelCapabilities.None || model.Capabilities.HasFlag(ModelCapabilities.Chat);
}
