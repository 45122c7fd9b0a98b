namespace Providers.OpenAI;

/// <summary>Scores documents by <c>POST {endpoint}/rerank</c>.</summary>
internal sealed class OpenAIReranker(JsonHttp http, ModelChoice models) : IReranker
{
    public async Task<IReadOnlyList<RerankResult>> RerankAsync(
        string query, IReadOnlyList<string> documents, string? modelId = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(query);
        ArgumentNullException.ThrowIfNull(documents);
        if (documents.Count == 0)
        {
            throw new ArgumentException("There is no document to score.", nameof(documents));
        }

        cancellationToken.ThrowIfCancellationRequested();
        string model = await models.ChooseAsync(modelId, ModelCapabilities.Rerank, cancellationToken).ConfigureAwait(false);
        byte[] body = await http.PostAsync("rerank", RerankWire.Write(model, query, documents), model, cancellationToken).ConfigureAwait(false);
        return http.Read(body, model, b => RerankWire.Read(b, documents.Count));
    }
}
