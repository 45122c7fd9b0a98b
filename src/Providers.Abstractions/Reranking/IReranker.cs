namespace Providers;

/// <summary>Scores documents against a query. Safe for concurrent use.</summary>
public interface IReranker
{
    /// <summary>Scores documents.</summary>
    /// <param name="query">What is looked for; not empty.</param>
    /// <param name="documents">The documents, in any order; not empty.</param>
    /// <param name="modelId">The model or route; <see langword="null"/> for the default one.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>One result per document, best first; ties in the documents' order.</returns>
    /// <exception cref="ArgumentException"><paramref name="query"/> or <paramref name="documents"/> is empty.</exception>
    /// <exception cref="ProviderException">The server failed.</exception>
    Task<IReadOnlyList<RerankResult>> RerankAsync(
        string query, IReadOnlyList<string> documents, string? modelId = null, CancellationToken cancellationToken = default);
}
