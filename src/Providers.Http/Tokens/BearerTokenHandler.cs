using System.Net;
using System.Net.Http.Headers;

namespace Providers.Http;

/// <summary>Puts a fresh token on each request; a server that refuses it with 401 is asked once more, with a new one.</summary>
/// <param name="tokens">Where tokens come from.</param>
public sealed class BearerTokenHandler(ClientCredentialsTokens tokens) : DelegatingHandler
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Content is { } content)
        {
            await content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false); // may be sent again
        }

        string token = await tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is not HttpStatusCode.Unauthorized)
        {
            return response;
        }

        tokens.Invalidate(token);
        string fresh;
        try
        {
            fresh = await tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ProviderException)
        {
            return response; // the server's own refusal says more
        }
        catch
        {
            response.Dispose();
            throw;
        }

        if (fresh == token)
        {
            return response;
        }

        response.Dispose();
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fresh);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
