namespace Providers.Mlx;

/// <summary>Notes what comes back from a server.</summary>
internal sealed class ActivityHandler(ServerActivity activity, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        activity.NoteByte();
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        StreamContent watched = new(new ActivityStream(body, activity));
        foreach ((string name, IEnumerable<string> values) in response.Content.Headers)
        {
            watched.Headers.TryAddWithoutValidation(name, values);
        }

        response.Content = watched;
        return response;
    }
}
