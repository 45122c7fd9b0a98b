namespace Providers.Mlx;

/// <summary>What to ask: one token of a chat model, or one vector of an embedding model.</summary>
internal sealed record ProbeRequest(Func<string> Model, bool Embeds, Func<string?>? ApiKey = null)
{
    public string Path => Embeds ? "v1/embeddings" : "v1/chat/completions";
}
