using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Providers.Mcp.Tests.Support;

/// <summary>An authorization server: the tokens it would make out, and what a door must know to take them.</summary>
internal sealed class TokenIssuer : IDisposable
{
    public const string Authority = "https://login.example.com";
    public const string Resource = "https://memory.example.com/mcp";
    private readonly RSA _rsa = RSA.Create(2048);

    public string PublicKey => _rsa.ExportSubjectPublicKeyInfoPem();

    /// <summary>Makes a door ask for its tokens.</summary>
    public void Guard(IMcpServerBuilder mcp) => mcp.WithBearerTokens(o =>
    {
        o.Authority = Authority;
        o.Resource = Resource;
        o.ConfigureToken = token =>
        {
            token.Configuration = new OpenIdConnectConfiguration { Issuer = Authority };
            token.Configuration.SigningKeys.Add(new RsaSecurityKey(_rsa.ExportParameters(false)));
        };
    });

    public string Token(
        string? audience = null, string? issuer = null, SecurityKey? key = null, DateTime? expires = null, string[]? tenants = null, string scope = "memory:read memory:write llm:invoke provider:read", string user = "user-1")
    {
        ClaimsIdentity subject = new([new Claim("sub", user), new Claim("scope", scope), .. (tenants ?? ["acme"]).Select(static t => new Claim("tenant", t))]);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Subject = subject,
            Audience = audience ?? Resource,
            Issuer = issuer ?? Authority,
            NotBefore = DateTime.UtcNow.AddMinutes(-10),
            Expires = expires ?? DateTime.UtcNow.AddMinutes(10),
            SigningCredentials = new SigningCredentials(key ?? new RsaSecurityKey(_rsa), SecurityAlgorithms.RsaSha256),
        });
    }

    public void Dispose() => _rsa.Dispose();
}
