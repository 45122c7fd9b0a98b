namespace Providers.OpenAI;

/// <summary>Puts on each request what belongs to the server rather than to the call.</summary>
internal sealed class RequestShaper(OpenAIPlan plan, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (plan.Query.Length > 0)
        {
            request.RequestUri = new UriBuilder(request.RequestUri!) { Query = plan.Query }.Uri;
        }

        // The SDK says of itself which machine it runs on; nobody asked for that.
        foreach (string header in request.Headers.Select(static h => h.Key).Where(static n => n.StartsWith("X-Stainless-", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            request.Headers.Remove(header);
        }

        request.Headers.Remove("Authorization"); // the SDK's placeholder; the guard puts the real key on
        Put(request, "OpenAI-Organization", plan.Organization);
        Put(request, "OpenAI-Project", plan.Project);
        return base.SendAsync(request, cancellationToken);
    }

    private static void Put(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null && !request.Headers.Contains(name))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
