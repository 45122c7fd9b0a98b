namespace Providers.AspNetCore;

/// <summary>Keeps API keys. A host registers its own before <c>AddProvidersGateway</c>, or names a file. Safe for concurrent use.</summary>
public interface IApiKeyStore
{
    /// <summary>Finds a key; called for every request, so from memory.</summary>
    /// <param name="id">The key's id.</param>
    /// <returns>The key; <see langword="null"/> when there is none.</returns>
    ApiKey? Find(string id);

    /// <summary>Lists all keys, revoked ones too.</summary>
    /// <returns>The keys in the order they were issued.</returns>
    IReadOnlyList<ApiKey> List();

    /// <summary>Adds a key, or replaces the one with its id.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when the key is kept.</returns>
    ValueTask SaveAsync(ApiKey key, CancellationToken cancellationToken = default);
}
