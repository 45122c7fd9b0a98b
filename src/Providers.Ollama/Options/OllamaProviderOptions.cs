namespace Providers.Ollama;

/// <summary>How an Ollama server is reached and used.</summary>
public sealed class OllamaProviderOptions
{
    /// <summary>Gets or sets the server's address, without <c>/api</c>.</summary>
    /// <value>An absolute http or https address. Default: <c>http://127.0.0.1:11434</c>.</value>
    public Uri? Endpoint { get; set; } = new("http://127.0.0.1:11434");

    /// <summary>Gets or sets the key, for ollama.com and servers behind a proxy; sent as a bearer token.</summary>
    /// <value><see langword="null"/> (the default): none.</value>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets a delegate that gives the key at each request, so that it may change while the host runs. Code only.</summary>
    /// <value><see langword="null"/> (the default): <see cref="ApiKey"/> is used. An empty key is none.</value>
    public Func<CancellationToken, ValueTask<string>>? ApiKeyProvider { get; set; }

    /// <summary>Gets the models the server is known to serve, by id; the first is the default unless <see cref="DefaultModel"/> names one.</summary>
    public IDictionary<string, ModelOptions> Models { get; } = new Dictionary<string, ModelOptions>(StringComparer.Ordinal);

    /// <summary>Gets or sets the model for requests that name none.</summary>
    /// <value><see langword="null"/> (the default): the first declared one; with none declared, the first the server lists.</value>
    public string? DefaultModel { get; set; }

    /// <summary>Gets or sets how long the server keeps a model in memory after a request, as Ollama spells it: <c>10m</c>, <c>-1</c> for ever, <c>0</c> not at all.</summary>
    /// <value><see langword="null"/> (the default): the server's own setting, five minutes.</value>
    public string? KeepAlive { get; set; }

    /// <summary>Gets or sets the context window to allocate (<c>num_ctx</c>), for models that declare none of their own.</summary>
    /// <value>256 to 10,000,000 tokens; <see langword="null"/> (the default): the server's own. A change between requests reloads the model.</value>
    public int? ContextLength { get; set; }

    /// <summary>Gets or sets a value indicating whether the server may cut a prompt or an embedding input that is too long, in silence.</summary>
    /// <value>Default: <see langword="false"/>, a too long one fails as <see cref="FailureKind.ContextLengthExceeded"/>.</value>
    public bool Truncate { get; set; }

    /// <summary>Gets or sets a value indicating whether models that can think do.</summary>
    /// <value><see langword="null"/> (the default): as the model does by itself.</value>
    public bool? Think { get; set; }

    /// <summary>Gets or sets a value indicating whether a missing model is pulled once and the request then sent again.</summary>
    /// <value>Default: <see langword="false"/>, it fails and names the command.</value>
    public bool PullMissingModels { get; set; }

    /// <summary>Gets or sets a value indicating whether requests marked local may go there.</summary>
    /// <value><see langword="null"/> (the default): when the address is this machine's.</value>
    public bool? Local { get; set; }

    /// <summary>Gets or sets how long a connection may take to be made.</summary>
    /// <value>00:00:00.010 to 00:05:00. Default: 5 seconds.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long the server may take to its first byte: queueing, loading the model and reading the prompt.</summary>
    /// <value>00:00:00.010 to 01:00:00. Default: 5 minutes.</value>
    public TimeSpan FirstByteTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how long the server may stay silent in the middle of an answer.</summary>
    /// <value>00:00:00.010 to 01:00:00. Default: 1 minute.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(1);
}
