namespace Providers.AspNetCore.Admin;

/// <summary>A key to be issued.</summary>
/// <param name="Tenant">Whose data its holder works on.</param>
/// <param name="Scopes">chat, embeddings, memory:read, memory:write, admin.</param>
internal sealed record ApiKeyRequest(string Tenant, IReadOnlyList<string> Scopes)
{
    public string? Name { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }
}

internal sealed record RotateRequest
{
    /// <summary>Gets how long the old key goes on.</summary>
    public int OverlapSeconds { get; init; } = 3600;
}

internal sealed record ApiKeyListView(IReadOnlyList<ApiKeyView> Keys);

/// <summary>A key as it is kept: the key itself is never shown again.</summary>
internal sealed record ApiKeyView(string Id, string Tenant, IReadOnlyList<string> Scopes, bool Active, DateTimeOffset CreatedAt)
{
    public string? Name { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>A key that was just issued, whole: the only time it is shown.</summary>
internal sealed record IssuedKeyView(string Key, ApiKeyView Details);
