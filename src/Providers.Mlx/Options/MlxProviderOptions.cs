namespace Providers.Mlx;

/// <summary>One MLX provider: where its server is, or how to launch one, and how to talk to it. Read once, when the provider is made.</summary>
public sealed class MlxProviderOptions
{
    /// <summary>Gets or sets the address of a server that somebody else runs, with or without <c>/v1</c>.</summary>
    /// <value><see langword="null"/> (the default): <c>http://127.0.0.1:8080</c>, unless <see cref="Launch"/> is set. Cannot be set together with it.</value>
    public Uri? BaseUrl { get; set; }

    /// <summary>Gets or sets how to launch a server.</summary>
    /// <value><see langword="null"/> (the default): none is launched, and none is ever ended.</value>
    public MlxLaunchOptions? Launch { get; set; }

    /// <summary>Gets or sets the model to ask for when a request names none.</summary>
    /// <value>
    /// <see langword="null"/> (the default): <c>default_model</c>, the one the server was started with. A launched <c>mlx_lm.server</c> is always
    /// asked for that one: any other id would evict it, and download.
    /// </value>
    public string? Model { get; set; }

    /// <summary>Gets what is known of the models, by id; the first one is the provider's default.</summary>
    /// <value>Default: empty. Embeddings need a model declared with <see cref="ModelCapabilities.Embeddings"/>.</value>
    public IDictionary<string, ModelOptions> Models { get; } = new Dictionary<string, ModelOptions>(StringComparer.Ordinal);

    /// <summary>Gets the ids of embedding models whose vectors may be cut: only theirs are, when a request asks for fewer dimensions.</summary>
    /// <value>Default: empty.</value>
    public IList<string> MatryoshkaModels { get; } = [];

    /// <summary>Gets or sets a value indicating whether requests to this server count as staying on this machine.</summary>
    /// <value><see langword="null"/> (the default): yes when the address is a loopback one.</value>
    public bool? IsLocal { get; set; }

    /// <summary>Gets or sets the key of servers that ask for one, for example <c>vllm-mlx --api-key</c>. Never logged.</summary>
    /// <value><see langword="null"/> (the default): none is sent.</value>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets a delegate that gives the key for each request, in place of <see cref="ApiKey"/>: it may change while the host runs.</summary>
    /// <value><see langword="null"/> (the default): <see cref="ApiKey"/> is sent.</value>
    public Func<string?>? ApiKeyProvider { get; set; }

    /// <summary>Gets or sets how many requests are sent to the server side by side; further ones wait.</summary>
    /// <value>1 to 1024. Default: 8. Each is a new connection and the server queues 5 of those: raise it together with <see cref="MlxLaunchOptions.DecodeConcurrency"/>.</value>
    public int MaxConcurrency { get; set; } = 8;

    /// <summary>Gets or sets the limit of an answer, in tokens, when a request has none.</summary>
    /// <value>1 to 1,048,576. Default: 4,096; the server's own would be 512.</value>
    public int MaxOutputTokens { get; set; } = 4096;

    /// <summary>Gets or sets what happens to a request for JSON of a schema.</summary>
    /// <value>Default: <see cref="MlxSchemaMode.Prompted"/>.</value>
    public MlxSchemaMode JsonSchema { get; set; }

    /// <summary>Gets or sets how long a connection may take.</summary>
    /// <value>00:00:00.010 to 00:05:00. Default: 5 seconds.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long a request waits for a launched server that is starting, before it fails as <see cref="FailureKind.ModelLoading"/>.</summary>
    /// <value>00:00:00 (fail at once) to 1.00:00:00. Default: 5 minutes.</value>
    public TimeSpan StartupWait { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how long the first byte of an answer may take, and from then on each pause until its first token.</summary>
    /// <value>
    /// 00:00:00.010 to 1.00:00:00. <see langword="null"/> (the default): 2 minutes for a launched server, which is asked only once its model is loaded;
    /// 5 minutes for one that is attached to. A long prompt is read without a sign for more than a minute.
    /// </value>
    public TimeSpan? FirstByteTimeout { get; set; }

    /// <summary>Gets or sets how long an answer may pause; the server's keepalive comments count as bytes.</summary>
    /// <value>00:00:00.010 to 1.00:00:00. Default: 60 seconds.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how long a one-token probe may take, and for how long a byte of any answer proves the server well.</summary>
    /// <value>00:00:00.010 to 00:10:00. Default: 15 seconds.</value>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets a value indicating whether embeddings are scaled to length 1 here; some MLX servers do not.</summary>
    /// <value>Default: <see langword="true"/>.</value>
    public bool NormalizeEmbeddings { get; set; } = true;

    /// <summary>Gets or sets how many texts one embedding request carries.</summary>
    /// <value>1 to 2048. Default: 64.</value>
    public int EmbeddingBatchSize { get; set; } = 64;

    /// <summary>Gets or sets how many UTF-16 characters one embedding request carries; a single longer text is sent alone.</summary>
    /// <value>1 to 10,000,000. Default: 100,000.</value>
    public int EmbeddingBatchCharacters { get; set; } = 100_000;
}
