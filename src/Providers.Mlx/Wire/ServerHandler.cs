namespace Providers.Mlx;

/// <summary>Sends a request to where the server is now, as a launched one may move to another port, and notes what comes back.</summary>
internal sealed class ServerHandler(MlxConnection connection, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (connection.Endpoint is { } endpoint && request.RequestUri is { } asked)
        {
            request.RequestUri = new UriBuilder(asked) { Scheme = endpoint.Scheme, Host = endpoint.Host, Port = endpoint.Port }.Uri;
        }

        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        connection.Activity.NoteByte();
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        StreamContent watched = new(new ActivityStream(body, connection.Activity));
        foreach ((string name, IEnumerable<string> values) in response.Content.Headers)
        {
            watched.Headers.TryAddWithoutValidation(name, values);
        }

        response.Content = watched;
        return response;
    }
}
