namespace Providers.OpenAI;

/// <summary>The options, checked and completed. Immutable.</summary>
internal sealed record OpenAIPlan
{
    public required string Name { get; init; }

    /// <summary>Ends with a slash and has no query, so that paths can be put behind it.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Goes with every request: empty, or starting with a question mark.</summary>
    public required string Query { get; init; }

    public required OpenAIServerProfile Profile { get; init; }

    public required ProfileTraits Traits { get; init; }

    public required IReadOnlyList<string> Keys { get; init; }

    public required Func<CancellationToken, ValueTask<string?>>? KeyProvider { get; init; }

    public required string KeyHeader { get; init; }

    public string? Organization { get; init; }

    public string? Project { get; init; }

    /// <summary>The default one first.</summary>
    public required IReadOnlyList<ModelDescriptor> Models { get; init; }

    public string? DefaultModel { get; init; }

    public required bool IsLocal { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public required TimeSpan FirstByteTimeout { get; init; }

    public required TimeSpan WholeAnswerTimeout { get; init; }

    public required TimeSpan IdleTimeout { get; init; }

    public required int MaxConnections { get; init; }

    public required int EmbeddingBatchSize { get; init; }

    /// <summary>The provider's name in traces and metrics, as the convention spells it.</summary>
    public string TelemetryName => Profile is OpenAIServerProfile.Azure ? "azure.ai.openai" : "openai";

    /// <exception cref="ArgumentException">The options are wrong; the message has every error.</exception>
    public static OpenAIPlan From(string name, OpenAIProviderOptions options)
    {
        if (OpenAIOptionsCheck.Errors(options) is { Count: > 0 } errors)
        {
            throw new ArgumentException($"The options of provider '{name}' are wrong: {string.Join(" ", errors)}", nameof(options));
        }

        OpenAIServerProfile profile = options.Profile ?? ProfileTraits.Guess(options.Endpoint);
        ProfileTraits traits = ProfileTraits.Of(profile);
        return new OpenAIPlan
        {
            Name = name,
            Endpoint = new UriBuilder(options.Endpoint) { Query = "", Path = options.Endpoint.AbsolutePath.TrimEnd('/') + "/" }.Uri,
            Query = options.Endpoint.Query,
            Profile = profile,
            Traits = traits,
            Keys = [.. options.ApiKeys.Prepend(options.ApiKey!).Where(static k => k is not null).Distinct(StringComparer.Ordinal)],
            KeyProvider = options.ApiKeyProvider,
            KeyHeader = options.ApiKeyHeader ?? traits.KeyHeader,
            Organization = options.Organization,
            Project = options.Project,
            Models = [.. options.Models.Select(static m => m.Value.ToDescriptor(m.Key)).OrderBy(m => m.Id != options.DefaultModel)],
            DefaultModel = options.DefaultModel,
            IsLocal = options.IsLocal ?? options.Endpoint.IsLoopback,
            ConnectTimeout = options.ConnectTimeout,
            FirstByteTimeout = options.FirstByteTimeout ?? (options.Endpoint.IsLoopback ? ProfileTraits.LocalFirstByte : traits.FirstByte),
            WholeAnswerTimeout = options.WholeAnswerTimeout ?? options.FirstByteTimeout ?? ProfileTraits.WholeAnswer,
            IdleTimeout = options.IdleTimeout,
            MaxConnections = options.MaxConnections,
            EmbeddingBatchSize = options.EmbeddingBatchSize,
        };
    }

    /// <summary>Whether a request of this kind may be sent at all. A model without a declaration may be able to do anything.</summary>
    public bool Offers(ModelCapabilities capability) =>
        Models.Count == 0 || DefaultModel is not null && Models.All(m => m.Id != DefaultModel) || Models.Any(m => CanDo(m, capability));

    /// <summary>The model of a request that names none.</summary>
    public string? DefaultFor(ModelCapabilities capability) =>
        Models.FirstOrDefault(m => m.Id == DefaultModel) is { } named && !CanDo(named, capability)
            ? Models.FirstOrDefault(m => CanDo(m, capability))?.Id
            : DefaultModel ?? Models.FirstOrDefault(m => CanDo(m, capability))?.Id;

    private static bool CanDo(ModelDescriptor model, ModelCapabilities capability) =>
        model.Capabilities is ModelCapabilities.None || model.Capabilities.HasFlag(capability);
}
