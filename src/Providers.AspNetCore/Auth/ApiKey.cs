namespace Providers.AspNetCore;

/// <summary>An API key as it is kept: everything but the key itself. Immutable.</summary>
/// <param name="Id">Eight characters, part of the key.</param>
/// <param name="Hash">The SHA-256 of the whole key, in hexadecimal.</param>
/// <param name="Tenant">Whose data the key's holder works on; 1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>.</param>
/// <param name="Scopes">What its holder may do.</param>
public sealed record ApiKey(string Id, string Hash, string Tenant, GatewayScopes Scopes)
{
    /// <summary>Gets what people call the key.</summary>
    /// <value><see langword="null"/> (the default): nothing.</value>
    public string? Name { get; init; }

    /// <summary>Gets when the key was issued.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Gets when the key ends.</summary>
    /// <value><see langword="null"/> (the default): when it is revoked.</value>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Gets when the key was revoked.</summary>
    /// <value><see langword="null"/> (the default): it was not.</value>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>Says whether the key opens anything.</summary>
    /// <param name="now">The time.</param>
    /// <returns><see langword="false"/>: it was revoked or has ended.</returns>
    public bool IsActive(DateTimeOffset now) => Revoked is null && (Expires is null || Expires > now);

    /// <inheritdoc/>
    public override string ToString() => $"key {Id} of {Tenant}";
}
