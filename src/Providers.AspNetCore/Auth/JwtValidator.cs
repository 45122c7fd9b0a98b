using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Providers.AspNetCore.Auth;

/// <summary>Checks bearer tokens: two algorithms, the issuer's keys, issuer, audience, type, time, one tenant.</summary>
internal sealed class JwtValidator
{
    private const int MaxTokenSize = 16 * 1024;
    private static readonly string[] s_algorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256];

    private readonly GatewayJwtOptions _options;
    private readonly JwksCache _keys;
    private readonly TimeProvider _clock;
    private readonly TokenValidationParameters _parameters;
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxTokenSize };

    public JwtValidator(GatewayJwtOptions options, JwksCache keys, TimeProvider clock)
    {
        _options = options;
        _keys = keys;
        _clock = clock;
        _parameters = new TokenValidationParameters
        {
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            ValidAlgorithms = s_algorithms,
            ValidTypes = options.TokenTypes.Count > 0 ? options.TokenTypes : ["at+jwt"],
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = (from, until, _, _) => IsInTime(from, until),
        };
    }

    public async ValueTask<AuthOutcome> ValidateAsync(string credentials, CancellationToken cancellationToken)
    {
        if (credentials.Length > MaxTokenSize || !_handler.CanReadToken(credentials))
        {
            return AuthOutcome.Refused("malformed");
        }

        string? keyId;
        try
        {
            keyId = _handler.ReadJsonWebToken(credentials).Kid;
        }
        catch (ArgumentException)
        {
            return AuthOutcome.Refused("malformed");
        }

        TokenValidationParameters parameters = _parameters.Clone();
        parameters.IssuerSigningKeys = await _keys.FindAsync(keyId, cancellationToken).ConfigureAwait(false);
        TokenValidationResult result = await _handler.ValidateTokenAsync(credentials, parameters).ConfigureAwait(false);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token)
        {
            return AuthOutcome.Refused(result.Exception is SecurityTokenExpiredException or SecurityTokenInvalidLifetimeException ? "out_of_time" : "invalid_token");
        }

        if (token.TryGetPayloadValue("iat", out long issued) && issued > (_clock.GetUtcNow() + _options.ClockSkew).ToUnixTimeSeconds())
        {
            return AuthOutcome.Refused("out_of_time");
        }

        string[] tenants = [.. token.Claims.Where(c => c.Type == _options.TenantClaim).Select(static c => c.Value)];
        return tenants is [{ } tenant] && TenantName.IsValid(tenant)
            ? new AuthOutcome(new Caller(token.Subject is { Length: > 0 } subject ? $"{tenant}:{subject}" : tenant, tenant, ScopesOf(token.Claims)))
            : new AuthOutcome(null, "tenant", Forbidden: true);
    }

    private static GatewayScopes ScopesOf(IEnumerable<Claim> claims) =>
        claims.Where(static c => c.Type is "scope" or "scp").Aggregate(GatewayScopes.None, static (scopes, claim) => scopes | ScopeNames.ParseList(claim.Value));

    private bool IsInTime(DateTime? from, DateTime? until)
    {
        DateTime now = _clock.GetUtcNow().UtcDateTime;
        return until > now - _options.ClockSkew && (from is null || from <= now + _options.ClockSkew); // an end may be the last moment there is
    }
}
