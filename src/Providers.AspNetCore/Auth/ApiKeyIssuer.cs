using Providers.AspNetCore.Auth;

namespace Providers.AspNetCore;

/// <summary>Issues, rotates and revokes API keys.</summary>
public static class ApiKeyIssuer
{
    /// <summary>Issues a key. The answer is the only place where it ever stands whole.</summary>
    /// <param name="store">Where its hash is kept.</param>
    /// <param name="tenant">Whose data its holder works on; 1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>.</param>
    /// <param name="scopes">What its holder may do; at least one.</param>
    /// <param name="name">What people call it, up to 64 characters; <see langword="null"/>: nothing.</param>
    /// <param name="expires">When it ends; <see langword="null"/>: when it is revoked.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The key to hand out, and what is kept of it.</returns>
    /// <exception cref="ArgumentException">A parameter is out of its range.</exception>
    public static async ValueTask<(string Secret, ApiKey Key)> IssueAsync(
        IApiKeyStore store, string tenant, GatewayScopes scopes, string? name = null, DateTimeOffset? expires = null, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (!TenantName.IsValid(tenant) || new Memory.MemoryScope(tenant).IsReserved)
        {
            throw new ArgumentException("The tenant must be 1 to 128 of A-Z a-z 0-9 . _ : -, and must not begin with 'providers.'.", nameof(tenant));
        }

        if (scopes is GatewayScopes.None || (scopes & ~GatewayScopes.All) != 0)
        {
            throw new ArgumentException("The scopes must be one or more of chat, embeddings, memory:read, memory:write, admin.", nameof(scopes));
        }

        if (name is { Length: > 64 })
        {
            throw new ArgumentException($"The name has {name.Length} characters; at most 64 are allowed.", nameof(name));
        }

        DateTimeOffset now = (clock ?? TimeProvider.System).GetUtcNow();
        if (expires <= now)
        {
            throw new ArgumentException($"The key would end at {expires:O}, which is past.", nameof(expires));
        }

        string secret = ApiKeyFormat.Create();
        ApiKey key = new(ApiKeyFormat.IdOf(secret), ApiKeyFormat.HashOf(secret), tenant, scopes) { Name = name, Created = now, Expires = expires };
        await store.SaveAsync(key, cancellationToken).ConfigureAwait(false);
        return (secret, key);
    }

    /// <summary>Issues a successor of a key, which goes on for a while so that its holders can change over. One that ends has a successor that lasts as long as it was issued for.</summary>
    /// <param name="store">Where keys are kept.</param>
    /// <param name="id">The old key's id.</param>
    /// <param name="overlap">How long the old key goes on; not negative.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new key; <see langword="null"/> when there is no active key with that id.</returns>
    public static async ValueTask<(string Secret, ApiKey Key)?> RotateAsync(
        IApiKeyStore store, string id, TimeSpan overlap, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentOutOfRangeException.ThrowIfLessThan(overlap, TimeSpan.Zero);
        DateTimeOffset now = (clock ?? TimeProvider.System).GetUtcNow();
        if (store.Find(id) is not { } old || !old.IsActive(now))
        {
            return null;
        }

        TimeSpan? life = old.Expires - old.Created;
        DateTimeOffset? expires = life > DateTimeOffset.MaxValue - now ? DateTimeOffset.MaxValue : now + life;
        (string Secret, ApiKey Key) issued = await IssueAsync(store, old.Tenant, old.Scopes, old.Name, expires, clock, cancellationToken).ConfigureAwait(false);
        DateTimeOffset end = now + overlap;
        ApiKey left = store.Find(id) ?? old; // it may have been revoked meanwhile, which must hold
        await store.SaveAsync(left with { Expires = left.Expires < end ? left.Expires : end }, cancellationToken).ConfigureAwait(false);
        return issued;
    }

    /// <summary>Revokes a key, from now on.</summary>
    /// <param name="store">Where keys are kept.</param>
    /// <param name="id">The key's id.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there is a key with that id; revoking twice is harmless.</returns>
    public static async ValueTask<bool> RevokeAsync(IApiKeyStore store, string id, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (store.Find(id) is not { } key)
        {
            return false;
        }

        if (key.Revoked is null)
        {
            await store.SaveAsync(key with { Revoked = (clock ?? TimeProvider.System).GetUtcNow() }, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }
}
