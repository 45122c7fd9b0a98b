namespace Providers.OpenAI;

/// <summary>One server that speaks OpenAI's protocol: where it is, who it is, and how long it may take. Read once, when the provider is made.</summary>
public sealed class OpenAIProviderOptions
{
    /// <summary>Gets or sets where the server is, up to and with <c>/v1</c>. A query, such as <c>?api-version=2025-04-01</c>, goes with every request.</summary>
    /// <value>An absolute http or https address. Default: <c>https://api.openai.com/v1</c>.</value>
    public Uri Endpoint { get; set; } = new("https://api.openai.com/v1");

    /// <summary>Gets or sets which server it is.</summary>
    /// <value>
    /// <see langword="null"/> (the default): told from the endpoint. <c>api.openai.com</c> is <see cref="OpenAIServerProfile.OpenAI"/>, hosts under
    /// <c>azure.com</c> are <see cref="OpenAIServerProfile.Azure"/>, all others <see cref="OpenAIServerProfile.Generic"/>.
    /// </value>
    public OpenAIServerProfile? Profile { get; set; }

    /// <summary>Gets or sets the key. Never logged.</summary>
    /// <value><see langword="null"/> (the default): none is sent, unless <see cref="ApiKeys"/> or <see cref="ApiKeyProvider"/> has one. OpenAI and Azure need one.</value>
    public string? ApiKey { get; set; }

    /// <summary>Gets further keys: one that is refused or has run into its limit rests while the others serve. Never logged.</summary>
    /// <value>Default: empty.</value>
    public IList<string> ApiKeys { get; } = [];

    /// <summary>Gets or sets a delegate that gives the key for each request, in place of the configured ones: it may change while the host runs.</summary>
    /// <value><see langword="null"/> (the default): the configured keys are sent. Set in code only.</value>
    public Func<CancellationToken, ValueTask<string?>>? ApiKeyProvider { get; set; }

    /// <summary>Gets or sets the header that carries the key.</summary>
    /// <value>
    /// <see langword="null"/> (the default): <c>api-key</c> for Azure, else <c>Authorization</c>. In <c>Authorization</c> the key follows the word
    /// <c>Bearer</c>; in any other header it stands alone.
    /// </value>
    public string? ApiKeyHeader { get; set; }

    /// <summary>Gets or sets the organisation that is billed, sent as <c>OpenAI-Organization</c>.</summary>
    /// <value><see langword="null"/> (the default): the key's own.</value>
    public string? Organization { get; set; }

    /// <summary>Gets or sets the project that is billed, sent as <c>OpenAI-Project</c>.</summary>
    /// <value><see langword="null"/> (the default): the key's own.</value>
    public string? Project { get; set; }

    /// <summary>Gets what is known of the models, by id.</summary>
    /// <value>Default: empty, every model the server has is passed through by name. Reranking needs a model declared with <see cref="ModelCapabilities.Rerank"/>.</value>
    public IDictionary<string, ModelOptions> Models { get; } = new Dictionary<string, ModelOptions>(StringComparer.Ordinal);

    /// <summary>Gets or sets the model of a request that names none.</summary>
    /// <value>
    /// <see langword="null"/> (the default): the first of <see cref="Models"/> that can do what is asked; with none declared, the server's only one.
    /// A server with several then refuses the request and says which there are.
    /// </value>
    public string? DefaultModel { get; set; }

    /// <summary>Gets or sets a value indicating whether requests to this server count as staying on this machine.</summary>
    /// <value><see langword="null"/> (the default): yes when the endpoint is a loopback address.</value>
    public bool? IsLocal { get; set; }

    /// <summary>Gets or sets how long a connection may take.</summary>
    /// <value>00:00:00.010 to 00:05:00. Default: 5 seconds.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long the first byte of a streamed answer may take, the loading of a model included.</summary>
    /// <value>
    /// 00:00:00.010 to 1.00:00:00; <see langword="null"/> (the default): 5 minutes for vLLM, llama-server, LM Studio and whatever listens on a
    /// loopback address, 60 seconds for all others.
    /// </value>
    public TimeSpan? FirstByteTimeout { get; set; }

    /// <summary>Gets or sets how long the first byte of a whole answer may take: most servers send none before all of it was generated.</summary>
    /// <value>00:00:00.010 to 1.00:00:00; <see langword="null"/> (the default): <see cref="FirstByteTimeout"/> where that is set, 10 minutes where it is not.</value>
    public TimeSpan? WholeAnswerTimeout { get; set; }

    /// <summary>Gets or sets how long an answer may pause; comments of the stream count as bytes.</summary>
    /// <value>00:00:00.010 to 1.00:00:00. Default: 60 seconds.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets how many connections are open at once; further requests wait for one.</summary>
    /// <value>1 to 10,000. Default: 100.</value>
    public int MaxConnections { get; set; } = 100;

    /// <summary>Gets or sets how many texts one embedding request carries; more are split.</summary>
    /// <value>1 to 2,048. Default: 256.</value>
    public int EmbeddingBatchSize { get; set; } = 256;
}
