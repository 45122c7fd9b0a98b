using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Providers.Http;

/// <summary>Asks the authorization server for a token. Neither tokens nor secrets appear in what it throws.</summary>
internal sealed class TokenFetch(ClientCredentialsOptions options, HttpMessageInvoker http, TimeProvider clock)
{
    private const int MaxBytes = 64 * 1024;
    private static readonly TimeSpan s_usual = TimeSpan.FromMinutes(5); // where the server does not say how long

    /// <exception cref="ProviderException">The server refused, failed, or did not answer in time.</exception>
    public async Task<(string Value, TimeSpan Lifetime)> FetchAsync()
    {
        using CancellationTokenSource late = new(options.Timeout, clock);
        try
        {
            using HttpRequestMessage request = await RequestAsync(late.Token).ConfigureAwait(false);
            using HttpResponseMessage response = await http.SendAsync(request, late.Token).ConfigureAwait(false);
            int status = (int)response.StatusCode;
            if (status != 200)
            {
                throw Failed(status is 400 or 401 or 403 ? FailureKind.AuthFailed : FailureKind.Transient, $"answered {status}", status);
            }

            await response.Content.LoadIntoBufferAsync(MaxBytes, late.Token).ConfigureAwait(false);
            return Read(await response.Content.ReadAsByteArrayAsync(late.Token).ConfigureAwait(false));
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConfigurationLimitExceeded)
        {
            throw Failed(FailureKind.InvalidResponse, $"answered with more than {MaxBytes} bytes", null, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Failed(FailureKind.ConnectionLost, "could not be reached", null, e);
        }
        catch (OperationCanceledException e)
        {
            throw Failed(FailureKind.TimedOut, $"did not answer within {options.Timeout.TotalSeconds:F1} s", null, e);
        }
    }

    private async ValueTask<HttpRequestMessage> RequestAsync(CancellationToken cancellationToken)
    {
        string secret = await SecretAsync(cancellationToken).ConfigureAwait(false);
        List<KeyValuePair<string, string>> form = [new("grant_type", "client_credentials")];
        if (options.Scope is { } scope)
        {
            form.Add(new("scope", scope));
        }

        if (options.Audience is { } audience)
        {
            form.Add(new("audience", audience));
        }

        string credentials = $"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(secret)}";
        HttpRequestMessage request = new(HttpMethod.Post, options.TokenEndpoint) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return request;
    }

    private async ValueTask<string> SecretAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await options.ClientSecret!(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new ProviderException(new ProviderFailure(FailureKind.Transient, $"The client's secret could not be read ({e.GetType().Name}); no token was asked for."), null, null, e);
        }
    }

    private (string Value, TimeSpan Lifetime) Read(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            if (root.ValueKind is JsonValueKind.Object && root.TryGetProperty("access_token"u8, out JsonElement token) && token.ValueKind is JsonValueKind.String && token.GetString() is { Length: > 0 } value)
            {
                TimeSpan lifetime = root.TryGetProperty("expires_in"u8, out JsonElement seconds) ? Seconds(seconds) : s_usual;
                return lifetime > TimeSpan.Zero ? (value, lifetime) : throw Failed(FailureKind.InvalidResponse, "gave a token that has expired already");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter for text that is not UTF-8
        {
            throw Failed(FailureKind.InvalidResponse, "answered with something that is not JSON", null, e);
        }

        throw Failed(FailureKind.InvalidResponse, "answered without an access_token");
    }

    private static TimeSpan Seconds(JsonElement value)
    {
        double seconds = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.String when double.TryParse(value.GetString(), System.Globalization.CultureInfo.InvariantCulture, out double number) => number, // some servers quote it
            _ => s_usual.TotalSeconds,
        };
        return double.IsFinite(seconds) ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 31_536_000)) : s_usual;
    }

    private ProviderException Failed(FailureKind kind, string what, int? status = null, Exception? inner = null) =>
        new(new ProviderFailure(kind, $"The token endpoint {options.TokenEndpoint!.Host} {what}.") { Status = status }, null, null, inner);
}
