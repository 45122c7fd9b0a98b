namespace Providers.AspNetCore;

/// <summary>Which bearer tokens are taken: signed with RS256 or ES256 by a key of the issuer's, for this audience, in their time.</summary>
public sealed class GatewayJwtOptions
{
    /// <summary>Gets or sets the issuer, exactly as tokens spell it.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>Gets or sets the audience that tokens must be for.</summary>
    public string Audience { get; set; } = "";

    /// <summary>Gets or sets where the issuer's keys are. <c>https</c>; plain <c>http</c> only to this machine.</summary>
    /// <value><see langword="null"/> (the default): as the issuer's <c>/.well-known/openid-configuration</c> says.</value>
    public Uri? JwksUri { get; set; }

    /// <summary>Gets or sets the claim that names the tenant; a token has exactly one.</summary>
    /// <value>Default: <c>tenant</c>.</value>
    public string TenantClaim { get; set; } = "tenant";

    /// <summary>Gets the types (<c>typ</c>) of token that are taken.</summary>
    /// <value>Empty (the default): <c>at+jwt</c> alone, so that an identity token never passes for an access token.</value>
    public IList<string> TokenTypes { get; } = [];

    /// <summary>Gets or sets how far the issuer's clock may be off.</summary>
    /// <value>00:00:00 to 00:05:00. Default: 30 seconds.</value>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long at least passes between two fetches of the keys, whatever tokens ask for.</summary>
    /// <value>00:00:01 to 01:00:00. Default: 30 seconds.</value>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(30);
}
