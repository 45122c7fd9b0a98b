namespace Providers.Testing;

/// <summary>What a loopback server answers while nothing goes wrong. May be changed between requests.</summary>
public sealed class ModelServerOptions
{
    /// <summary>Gets the clock of every delay and of the log.</summary>
    /// <value>Default: the system's.</value>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Gets or sets the models the server has; a request for another one fails as the real server fails.</summary>
    /// <value>Default: empty, every name is served and the list shows <c>test-model</c>.</value>
    public IReadOnlyList<string> Models { get; set; } = [];

    /// <summary>Gets or sets the tokens of the answer.</summary>
    /// <value>Default: <see cref="CanonicalAnswer.Tokens"/>. A request whose last assistant message is the beginning of the answer gets the rest.</value>
    public IReadOnlyList<string> Answer { get; set; } = CanonicalAnswer.Tokens;

    /// <summary>Gets or sets a value indicating whether the answer is the last user message instead, word by word.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool Echo { get; set; }

    /// <summary>Gets or sets the reasoning that comes before the answer.</summary>
    /// <value><see langword="null"/> (the default): none.</value>
    public string? Reasoning { get; set; }

    /// <summary>Gets or sets the arguments, a JSON object, with which the first tool of a request is called instead of an answer.</summary>
    /// <value><see langword="null"/> (the default): no tool is called. A request that brings a tool result is answered.</value>
    public string? ToolArguments { get; set; }

    /// <summary>Gets or sets the number of input tokens reported.</summary>
    /// <value>Default: 7.</value>
    public int InputTokens { get; set; } = CanonicalAnswer.InputTokens;

    /// <summary>Gets or sets the length of embeddings.</summary>
    /// <value>Default: 16.</value>
    public int EmbeddingDimensions { get; set; } = 16;

    /// <summary>Gets or sets the vector space: embeddings of two servers are equal when their spaces and lengths are.</summary>
    /// <value>Default: 0.</value>
    public int EmbeddingSpace { get; set; }

    /// <summary>Gets or sets a value indicating whether an MLX server has <c>/v1/embeddings</c>, as relatives of mlx_lm do; other servers ignore it.</summary>
    /// <value>Default: <see langword="false"/>.</value>
    public bool Embeds { get; set; }

    /// <summary>Gets or sets the keys the server accepts as bearer tokens; others get 401.</summary>
    /// <value>Default: empty, no key is asked for.</value>
    public IReadOnlyList<string> ApiKeys { get; set; } = [];

    /// <summary>Gets or sets the context window in tokens that the server reports where its wire does.</summary>
    /// <value>Default: 8192.</value>
    public int ContextWindow { get; set; } = 8_192;

    /// <summary>Gets or sets how the server behaves that speaks the OpenAI wire; other servers ignore it.</summary>
    /// <value>Default: OpenAI's own.</value>
    public OpenAIServerKind Kind { get; set; }
}
