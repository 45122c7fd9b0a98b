using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Providers.AspNetCore.Auth;

/// <summary>
/// The issuer's keys: fetched when a token names one we do not have, never more often than the interval, and kept when a fetch fails.
/// Many callers wait for one fetch. Those that are an hour old are fetched anew behind the requests, so that one the issuer withdrew ends.
/// </summary>
internal sealed class JwksCache(GatewayJwtOptions options, HttpClient http, TimeProvider clock, ILogger logger) : IDisposable
{
    private const int MaxBytes = 256 * 1024;
    private static readonly TimeSpan s_fresh = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private volatile SecurityKey[] _keys = [];
    private Task? _fetch;
    private long? _fetched;

    /// <summary>Gets the keys that may have signed a token: those of its id, or all where it names none.</summary>
    public async ValueTask<IReadOnlyList<SecurityKey>> FindAsync(string? keyId, CancellationToken cancellationToken)
    {
        SecurityKey[] found = Matching(keyId);
        if (found.Length == 0 && Refresh() is { } fetch)
        {
            await fetch.WaitAsync(cancellationToken).ConfigureAwait(false);
            found = Matching(keyId);
        }
        else if (found.Length > 0 && IsOld())
        {
            _ = Refresh(); // nobody waits: what is known serves until the answer is there
        }

        return found;
    }

    public void Dispose() => http.Dispose();

    private SecurityKey[] Matching(string? keyId) => [.. _keys.Where(k => string.IsNullOrEmpty(keyId) || k.KeyId == keyId)];

    private bool IsOld()
    {
        lock (_lock)
        {
            return _fetched is { } last && clock.GetElapsedTime(last) >= s_fresh;
        }
    }

    private Task? Refresh()
    {
        lock (_lock)
        {
            if (_fetch is { IsCompleted: false })
            {
                return _fetch;
            }

            if (_fetched is { } last && clock.GetElapsedTime(last) < options.RefreshInterval)
            {
                return null;
            }

            _fetched = clock.GetTimestamp();
            return _fetch = FetchAsync();
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            using CancellationTokenSource late = new(TimeSpan.FromSeconds(10), clock);
            Uri address = options.JwksUri ?? await DiscoverAsync(late.Token).ConfigureAwait(false);
            JsonWebKeySet set = new(await GetAsync(address, late.Token).ConfigureAwait(false));
            SecurityKey[] keys = [.. set.GetSigningKeys().Where(static k => k is RsaSecurityKey or ECDsaSecurityKey or X509SecurityKey or JsonWebKey { Kty: "RSA" or "EC" })];
            if (keys.Length > 0)
            {
                _keys = keys;
            }

            logger.FetchedKeys(keys.Length);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ArgumentException or JsonException or InvalidOperationException or InvalidDataException or IOException)
        {
            logger.KeysUnavailable(e, _keys.Length);
        }
    }

    private async Task<Uri> DiscoverAsync(CancellationToken cancellationToken)
    {
        Uri metadata = new(options.Issuer.TrimEnd('/') + "/.well-known/openid-configuration", UriKind.Absolute);
        using JsonDocument document = JsonDocument.Parse(await GetAsync(metadata, cancellationToken).ConfigureAwait(false));
        string? address = document.RootElement.TryGetProperty("jwks_uri"u8, out JsonElement value) ? value.GetString() : null;
        return Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            ? uri
            : throw new InvalidDataException("The issuer's metadata has no jwks_uri with https.");
    }

    private async Task<string> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        await response.Content.LoadIntoBufferAsync(MaxBytes, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
    }
}
