namespace Providers.Mcp;

/// <summary>Whose tokens open the HTTP door.</summary>
public sealed class McpBearerOptions
{
    /// <summary>Gets or sets the authorization server whose tokens are accepted and whose keys are fetched from its metadata.</summary>
    /// <value>An https address. Needed.</value>
    public string? Authority { get; set; }

    /// <summary>Gets or sets this server's own address as tokens name it in their audience, and as the protected-resource metadata says it.</summary>
    /// <value>An absolute address, as in <c>https://memory.example.com/mcp</c>. Needed: a token for somebody else must not work here.</value>
    public string? Resource { get; set; }

    /// <summary>Gets the scopes a client is told to ask for first; a tool that needs another says so when it is called.</summary>
    /// <value>Default: <c>memory:read</c>, <c>provider:read</c>.</value>
    public IList<string> AdvertisedScopes { get; } = ["memory:read", "provider:read"];

    /// <summary>Gets or sets how far the clocks of the two servers may be apart.</summary>
    /// <value>Zero to 5 minutes. Default: 30 seconds.</value>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets what changes the validation further: keys given in place of those of the authority, its metadata over http in a test.</summary>
    /// <value><see langword="null"/> (the default): nothing.</value>
    public Action<Microsoft.AspNetCore.Authentication.JwtBearer.JwtBearerOptions>? ConfigureToken { get; set; }
}
