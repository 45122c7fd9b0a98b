using Microsoft.AspNetCore.Http;

namespace Providers.AspNetCore.Auth;

/// <summary>Finds out who asks, by API key or by token. Every refusal takes the same way, so that it tells nothing.</summary>
internal sealed class Authenticator(bool open, IApiKeyStore keys, JwtValidator? tokens, TimeProvider clock)
{
    private const string Scheme = "Bearer ";
    private static readonly string s_nobodysHash = new('0', 64);

    public bool IsOpen => open;

    public ValueTask<AuthOutcome> AuthenticateAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var header = request.Headers.Authorization;
        if (header.Count == 0)
        {
            return new(open ? new AuthOutcome(Caller.Open) : AuthOutcome.Refused("missing"));
        }

        if (open)
        {
            return new(new AuthOutcome(Caller.Open)); // OpenAI's clients always send a key; here it opens nothing that is not open
        }

        if (header.Count > 1 || header[0] is not { } value || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return new(AuthOutcome.Refused("malformed"));
        }

        string credentials = value[Scheme.Length..].Trim();
        return credentials.StartsWith(ApiKeyFormat.Prefix, StringComparison.Ordinal) ? new(ByKey(credentials))
            : tokens is not null && credentials.Length > 0 ? tokens.ValidateAsync(credentials, cancellationToken)
            : new(AuthOutcome.Refused("malformed"));
    }

    private AuthOutcome ByKey(string credentials)
    {
        if (!ApiKeyFormat.IsWellFormed(credentials))
        {
            return AuthOutcome.Refused("malformed");
        }

        ApiKey? key = keys.Find(ApiKeyFormat.IdOf(credentials));
        bool matches = ApiKeyFormat.Matches(credentials, key?.Hash ?? s_nobodysHash);
        return key is null ? AuthOutcome.Refused("unknown_key")
            : !matches ? AuthOutcome.Refused("wrong_secret")
            : !key.IsActive(clock.GetUtcNow()) ? AuthOutcome.Refused("inactive_key")
            : new AuthOutcome(new Caller(key.Id, key.Tenant, key.Scopes));
    }
}
