using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OllamaSharp;
using Providers.Http;

namespace Providers.Ollama;

/// <summary>An Ollama server as a provider.</summary>
/// <remarks>Safe for concurrent use. Disposing closes its connections; requests under way fail.</remarks>
public sealed class OllamaProvider : IModelProvider, IDisposable
{
    private readonly OllamaPlan _plan;
    private readonly HttpClient _http;
    private readonly OllamaHttp _wire;
    private readonly OllamaApiClient _api;
    private readonly OllamaModels _models;

    /// <summary>Creates a provider. Nothing is sent before the first request.</summary>
    /// <param name="name">The provider's name in this host, without <c>/</c>.</param>
    /// <param name="options">The options; later changes have no effect.</param>
    /// <param name="loggerFactory">Where to log; <see langword="null"/>: nowhere.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/>: the system's.</param>
    /// <exception cref="ArgumentException">The name is empty or the options are wrong; the message lists every error.</exception>
    public OllamaProvider(string name, OllamaProviderOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(options);
        if (OllamaOptionsCheck.Errors(options) is { Count: > 0 } errors)
        {
            throw new ArgumentException(string.Join(" ", errors), nameof(options));
        }

        _plan = new OllamaPlan(name, options);
        GuardOptions guard = new()
        {
            Provider = name,
            ConnectTimeout = options.ConnectTimeout,
            FirstByteTimeout = options.FirstByteTimeout,
            IdleTimeout = options.IdleTimeout,
            Classify = OllamaFailures.Classify,
            Keys = KeysOf(options, timeProvider),
        };
        _http = GuardedHttp.CreateClient(guard, timeProvider, loggerFactory?.CreateLogger<OllamaProvider>());
        _http.BaseAddress = _plan.Endpoint;
        _wire = new OllamaHttp(_http, _plan);
        _api = new OllamaApiClient(_http, _plan.DefaultModel ?? "");
        _models = new OllamaModels(_api, _plan);
        ChatClient = _plan.Offers(ModelCapabilities.Chat) ? new OllamaChatClient(_wire, _plan, _models) : null;
        EmbeddingGenerator = _plan.Offers(ModelCapabilities.Embeddings) ? new OllamaEmbeddingGenerator(_wire, _plan, _models) : null;
        Descriptor = new ProviderDescriptor(name, OllamaProviderFactory.KindName)
        {
            Endpoint = _plan.Endpoint,
            IsLocal = _plan.IsLocal,
            LoadsOnDemand = true,
            Models = _plan.Models,
        };
    }

    /// <inheritdoc/>
    public ProviderDescriptor Descriptor { get; }

    /// <inheritdoc/>
    public IChatClient? ChatClient { get; }

    /// <inheritdoc/>
    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator { get; }

    /// <inheritdoc/>
    public async ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            string? version = await _models.VersionAsync(cancellationToken).ConfigureAwait(false);
            IReadOnlyList<string> loaded = await _models.LoadedAsync(cancellationToken).ConfigureAwait(false);
            return new ProviderHealthReport(ProviderHealth.Healthy, $"Ollama {version}, {loaded.Count} models loaded.", loaded);
        }
        catch (ProviderException e)
        {
            return new ProviderHealthReport(ProviderHealth.Unhealthy, e.Failure.Message);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) =>
        await _models.ListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Asks which models are in memory (<c>/api/ps</c>).</summary>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Their ids.</returns>
    /// <exception cref="ProviderException">The server failed.</exception>
    public Task<IReadOnlyList<string>> GetLoadedModelsAsync(CancellationToken cancellationToken = default) => _models.LoadedAsync(cancellationToken);

    /// <summary>Downloads a model to the server.</summary>
    /// <param name="model">The model's id.</param>
    /// <param name="progress">Told how far a layer is, 0 to 1; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Ends the download; the server keeps what it has.</param>
    /// <returns>A task that completes when the model is there.</returns>
    /// <exception cref="ProviderException">The model does not exist, or the server failed.</exception>
    public Task PullAsync(string model, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return _models.PullAsync(model, progress, cancellationToken);
    }

    /// <summary>Loads a model into memory, so that the first request does not wait for it.</summary>
    /// <param name="model">The model's id; <see langword="null"/> for the default one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the model is loaded.</returns>
    /// <exception cref="ProviderException">The model is missing, or could not be loaded.</exception>
    public async Task WarmUpAsync(string? model = null, CancellationToken cancellationToken = default)
    {
        string id = model ?? await _models.DefaultAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _wire.PostAsync("api/chat", ChatRequestJson.WarmUp(_plan, id), cancellationToken).ConfigureAwait(false);
        }
        catch (ProviderException e)
        {
            throw OllamaFailures.Name(e, _plan.Name, id);
        }
    }

    /// <inheritdoc/>
    public ProviderFailure Classify(Exception exception) => FailureClassifier.Classify(exception);

    /// <inheritdoc/>
    public void Dispose()
    {
        _api.Dispose();
        _http.Dispose();
    }

    private static ApiKeyPool? KeysOf(OllamaProviderOptions options, TimeProvider? clock) =>
        options.ApiKeyProvider is { } provider ? new ApiKeyPool(async token => await provider(token).ConfigureAwait(false) is { Length: > 0 } key ? [key] : [], clock: clock)
        : options.ApiKey is { Length: > 0 } key ? new ApiKeyPool(_ => new ValueTask<IReadOnlyList<string>>([key]), clock: clock)
        : null;
}
