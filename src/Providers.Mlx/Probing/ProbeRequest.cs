namespace Providers.Mlx;

/// <summary>What to ask: one token of a chat model, or one vector of an embedding model.</summary>
internal sealed record ProbeRequest(Func<string> Model, bool Embeds, Func<string?>? ApiKey = null)
{
    public string Path => Embeds ? "v1/embeddings" : "v1/chat/completions";

    /// <summary>A server's words without the key it was sent: they end in the log, and in the health that doors show.</summary>
    public string MaskKey(string text) => ApiKey?.Invoke() is { Length: >= 4 } key ? text.Replace(key, "***", StringComparison.Ordinal) : text;
}
