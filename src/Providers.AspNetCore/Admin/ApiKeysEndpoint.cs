using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Auth;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.Admin;

/// <summary>/v1/api-keys: issue, list, rotate, revoke.</summary>
internal sealed class ApiKeysEndpoint(IApiKeyStore store)
{
    public async Task IssueAsync(Exchange exchange)
    {
        ApiKeyRequest request = await JsonBody.ReadAsync(exchange, AdminJson.Default.ApiKeyRequest).ConfigureAwait(false);

        GatewayScopes scopes = GatewayScopes.None;
        for (int i = 0; i < request.Scopes.Count; i++)
        {
            GatewayScopes scope = ScopeNames.Parse(request.Scopes[i]);
            scopes |= scope is GatewayScopes.None ? throw new ApiException("invalid_request", "A scope must be chat, embeddings, memory:read, memory:write or admin.", $"scopes[{i}]") : scope;
        }

        try
        {
            (string secret, ApiKey key) = await ApiKeyIssuer.IssueAsync(store, request.Tenant, scopes, request.Name, request.ExpiresAt, exchange.Services.Clock, exchange.Aborted).ConfigureAwait(false);
            await SendAsync(exchange, secret, key).ConfigureAwait(false);
        }
        catch (ArgumentException e)
        {
            string field = e.ParamName == "expires" ? "expires_at" : e.ParamName ?? "";
            string detail = e.Message.Split(" (Parameter", 2)[0];
            throw new ApiException(new ApiError("invalid_request", detail) { Parameter = field, Errors = [new ApiErrorItem(Pointers.Of(field), detail)] }, e);
        }
    }

    public Task ListAsync(Exchange exchange)
    {
        DateTimeOffset now = exchange.Services.Clock.GetUtcNow();
        return JsonAnswer.SendAsync(exchange, new ApiKeyListView([.. store.List().Select(k => View(k, now))]), AdminJson.Default.ApiKeyListView);
    }

    public async Task RotateAsync(Exchange exchange)
    {
        RotateRequest request = await JsonBody.ReadAnyAsync(exchange, AdminJson.Default.RotateRequest).ConfigureAwait(false) ?? new RotateRequest();
        if (request.OverlapSeconds is < 0 or > 31_536_000)
        {
            throw new ApiException("invalid_request", "overlap_seconds must be 0 to 31536000.", "overlap_seconds");
        }

        (string Secret, ApiKey Key) issued = await ApiKeyIssuer.RotateAsync(store, exchange.Route("id"), TimeSpan.FromSeconds(request.OverlapSeconds), exchange.Services.Clock, exchange.Aborted).ConfigureAwait(false)
            ?? throw new ApiException("not_found", "There is no active key with this id.");
        await SendAsync(exchange, issued.Secret, issued.Key).ConfigureAwait(false);
    }

    public async Task RevokeAsync(Exchange exchange)
    {
        if (!await ApiKeyIssuer.RevokeAsync(store, exchange.Route("id"), exchange.Services.Clock, exchange.Aborted).ConfigureAwait(false))
        {
            throw new ApiException("not_found", "There is no key with this id.");
        }

        exchange.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task SendAsync(Exchange exchange, string secret, ApiKey key)
    {
        exchange.Response.Headers.CacheControl = "no-store";
        exchange.Response.Headers.Location = exchange.At($"/v1/api-keys/{key.Id}");
        return JsonAnswer.SendAsync(exchange, new IssuedKeyView(secret, View(key, exchange.Services.Clock.GetUtcNow())), AdminJson.Default.IssuedKeyView, StatusCodes.Status201Created);
    }

    private static ApiKeyView View(ApiKey key, DateTimeOffset now) => new(key.Id, key.Tenant, ScopeNames.Of(key.Scopes), key.IsActive(now), key.Created)
    {
        Name = key.Name,
        ExpiresAt = key.Expires,
        RevokedAt = key.Revoked,
    };
}
