using Providers.Http;

namespace Providers.OpenAI;

/// <summary>Puts on each request what belongs to the server rather than to the call.</summary>
internal sealed class RequestShaper(OpenAIPlan plan, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MaxChatBody = 32 * 1024 * 1024; // the guard's own limit has room for embeddings

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
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
        if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/chat/completions", StringComparison.Ordinal))
        {
            request.Options.Set(GuardHandler.MaxBody, MaxChatBody);
        }

        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        AnswerNotes.Current?.RequestId = First(response, "x-request-id") ?? First(response, "apim-request-id");
        return response;
    }

    private static string? First(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    private static void Put(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null && !request.Headers.Contains(name))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
