namespace Providers.AspNetCore.Auth;

/// <summary>Who asks: found by the door, never read from a body.</summary>
/// <param name="Id">The id of the key, or the subject of the token.</param>
/// <param name="Tenant">Whose data the caller works on.</param>
/// <param name="Scopes">What the caller may do.</param>
internal sealed record Caller(string Id, string Tenant, GatewayScopes Scopes)
{
    /// <summary>Who asks where nobody needs to say: operations without a scope, and hosts that are open in Development.</summary>
    public static Caller Open { get; } = new("open", "default", GatewayScopes.All);

    /// <summary>Nobody: an operation without a scope that came without credentials.</summary>
    public static Caller Nobody { get; } = new("", "", GatewayScopes.None);

    public bool IsAdmin => Scopes.HasFlag(GatewayScopes.Admin);
}
