using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>OpenAI, or a server that speaks its protocol, as a provider.</summary>
/// <remarks>Safe for concurrent use. Disposing closes its connections; requests under way fail.</remarks>
public sealed class OpenAIProvider : IModelProvider, IAsyncDisposable
{
    private static readonly RateLimitState s_nothingSaid = new();
    private readonly OpenAIPlan _plan;
    private readonly GuardHandler _guard;
    private readonly HttpClient _http;
    private readonly HttpMessageInvoker _direct;
    private readonly JsonHttp _json;
    private readonly HealthProbe _probe;
    private readonly IChatClient? _sdk;

    /// <summary>Creates a provider. Nothing is sent before the first request.</summary>
    /// <param name="name">The provider's name in this host, without <c>/</c>.</param>
    /// <param name="options">The options; later changes have no effect.</param>
    /// <param name="loggerFactory">Where to log; <see langword="null"/>: nowhere.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/>: the system's.</param>
    /// <exception cref="ArgumentException">The name is empty or the options are wrong; the message lists every error.</exception>
    public OpenAIProvider(string name, OpenAIProviderOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(options);
        _plan = OpenAIPlan.From(name, options);
        ILogger logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<OpenAIProvider>();
        FailureRelay relay = new(name);
        _guard = OpenAIHttp.CreateGuard(_plan, logger, timeProvider ?? TimeProvider.System);
        _http = new HttpClient(new RequestShaper(_plan, _guard)) { Timeout = Timeout.InfiniteTimeSpan };
        _direct = new HttpMessageInvoker(_guard, disposeHandler: false);
        _json = new JsonHttp(_http, _plan, relay);
        _probe = new HealthProbe(_plan, _json);
        ModelChoice models = new(_plan, _json, relay);
        if (_plan.Offers(ModelCapabilities.Chat))
        {
            _sdk = OpenAIWire.CreateChatClient(_http, _plan.Endpoint, _plan.DefaultFor(ModelCapabilities.Chat) ?? "default", _plan.Organization, _plan.Project);
            ChatClient = new OpenAIChatClient(_sdk, new DirectChat(_direct, _plan), _plan, models, relay);
        }

        EmbeddingGenerator = _plan.Offers(ModelCapabilities.Embeddings) ? new OpenAIEmbeddingGenerator(_plan, _json, models, relay) : null;
        Reranker = _plan.Models.Any(static m => m.Capabilities.HasFlag(ModelCapabilities.Rerank)) ? new OpenAIReranker(_json, models) : null;
        Descriptor = new ProviderDescriptor(name, OpenAIProviderFactory.KindName)
        {
            Endpoint = _plan.Endpoint,
            IsLocal = _plan.IsLocal,
            LoadsOnDemand = _plan.Traits.LoadsOnDemand,
            Models = _plan.Models,
        };
        logger.Created(name, _plan.Endpoint, _plan.Profile, _plan.FirstByteTimeout.TotalSeconds, _plan.IdleTimeout.TotalSeconds, _plan.Keys.Count);
    }

    /// <inheritdoc/>
    public ProviderDescriptor Descriptor { get; }

    /// <inheritdoc/>
    /// <value><see langword="null"/>: models are declared, and none with <see cref="ModelCapabilities.Chat"/>.</value>
    public IChatClient? ChatClient { get; }

    /// <inheritdoc/>
    /// <value><see langword="null"/>: models are declared, and none with <see cref="ModelCapabilities.Embeddings"/>.</value>
    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator { get; }

    /// <inheritdoc/>
    /// <value><see langword="null"/>: no model is declared with <see cref="ModelCapabilities.Rerank"/>.</value>
    public IReranker? Reranker { get; }

    internal RateLimitState RateLimits => _guard.RateLimits ?? s_nothingSaid;

    /// <inheritdoc/>
    public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default) => _probe.RunAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<string> served = await _json.ListModelsAsync(cancellationToken).ConfigureAwait(false) ?? [];
        HashSet<string> declared = [.. _plan.Models.Select(static m => m.Id)];
        return [.. _plan.Models, .. served.Where(id => !declared.Contains(id)).Select(static id => new ModelDescriptor(id))];
    }

    /// <inheritdoc/>
    public ProviderFailure Classify(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return ExceptionClassifier.Classify(exception);
    }

    /// <summary>Closes the provider's connections; requests under way fail.</summary>
    /// <returns>A completed task.</returns>
    public ValueTask DisposeAsync()
    {
        _sdk?.Dispose();
        _direct.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
