using Microsoft.Extensions.AI;
using Providers;
using Providers.Http;

namespace CustomProvider;

/// <summary>How a server of lines is reached.</summary>
public sealed class LineProviderOptions
{
    /// <summary>Gets or sets the server's address.</summary>
    /// <value>An absolute http or https address. Required.</value>
    public Uri? Endpoint { get; set; }

    /// <summary>Gets or sets the model for requests that name none.</summary>
    /// <value>Default: <c>default</c>.</value>
    public string DefaultModel { get; set; } = "default";

    /// <summary>Gets or sets how long the first byte of an answer may take, loading the model included.</summary>
    /// <value>More than zero. Default: 5 minutes.</value>
    public TimeSpan FirstByteTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets what is known of the models.</summary>
    public IList<ModelDescriptor> Models { get; } = [];
}

/// <summary>A server that answers in lines of JSON, as a provider. Safe for concurrent use.</summary>
public sealed class LineProvider : IModelProvider, IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Creates a provider. Nothing is sent before the first request.</summary>
    /// <param name="name">Its name in this host, without <c>/</c>.</param>
    /// <param name="options">How it is reached.</param>
    /// <param name="clock">The clock of its limits; <see langword="null"/>: the system's.</param>
    public LineProvider(string name, LineProviderOptions options, TimeProvider? clock = null)
    {
        if (EndpointPolicy.Check(options.Endpoint, "Endpoint") is { } error)
        {
            throw new ArgumentException(error, nameof(options));
        }

        // The guard classifies failures, keeps the limits, and knows the end of "application/x-ndjson" and of "text/event-stream".
        _http = GuardedHttp.CreateClient(new GuardOptions { Provider = name, FirstByteTimeout = options.FirstByteTimeout }, clock);
        _http.BaseAddress = options.Endpoint;
        ChatClient = new LineChatClient(_http, name, options.DefaultModel);
        Descriptor = new ProviderDescriptor(name, "Lines")
        {
            Endpoint = options.Endpoint,
            IsLocal = options.Endpoint!.IsLoopback,
            LoadsOnDemand = true,
            Models = [.. options.Models],
        };
    }

    /// <inheritdoc/>
    public ProviderDescriptor Descriptor { get; }

    /// <inheritdoc/>
    public IChatClient ChatClient { get; }

    /// <summary>Gets nothing: this server does not embed.</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator => null;

    /// <inheritdoc/>
    public async ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri("api/version", UriKind.Relative), cancellationToken);
            return new ProviderHealthReport(ProviderHealth.Healthy);
        }
        catch (ProviderException e)
        {
            return new ProviderHealthReport(ProviderHealth.Unhealthy, e.Failure.Message); // reported, not thrown
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new(Descriptor.Models);

    /// <inheritdoc/>
    public ProviderFailure Classify(Exception exception) => FailureClassifier.Classify(exception);

    /// <inheritdoc/>
    public void Dispose()
    {
        ChatClient.Dispose();
        _http.Dispose();
    }
}
