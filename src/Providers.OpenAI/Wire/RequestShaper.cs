using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>Puts on each request what belongs to the server rather than to the call.</summary>
internal sealed class RequestShaper(OpenAIPlan plan, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly byte[] s_done = [.. "data: [DONE]\n\n"u8];
    private const int MaxChatBody = 32 * 1024 * 1024; // the guard's own limit has room for embeddings

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (plan.Query.Length > 0)
        {
            request.RequestUri = new UriBuilder(request.RequestUri!) { Query = plan.Query }.Uri;
        }

        // The SDK says of itself which machine it runs on; nobody asked for that.
        List<string>? said = null;
        foreach ((string name, _) in request.Headers.NonValidated) // the validated view parses every value
        {
            if (name.StartsWith("X-Stainless-", StringComparison.OrdinalIgnoreCase))
            {
                (said ??= []).Add(name);
            }
        }

        said?.ForEach(n => request.Headers.Remove(n));

        request.Headers.Remove("Authorization"); // the SDK's placeholder; the guard puts the real key on
        Put(request, "OpenAI-Organization", plan.Organization);
        Put(request, "OpenAI-Project", plan.Project);
        if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/chat/completions", StringComparison.Ordinal))
        {
            request.Options.Set(GuardHandler.MaxBody, MaxChatBody);
        }

        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (AnswerNotes.Current is { } notes)
        {
            notes.RequestId = First(response, "x-request-id") ?? First(response, "apim-request-id");
            if (notes is { ReadsEvents: true, Events: null } && response.Content.Headers.ContentType?.MediaType is "text/event-stream")
            {
                notes.Events = response.Content;
                response.Content = Nothing();
            }
        }

        return response;
    }

    /// <summary>A stream of events that ends at once. The SDK takes one that can seek for a body it has buffered.</summary>
    private static StreamContent Nothing() => new(PipeReader.Create(new ReadOnlySequence<byte>(s_done)).AsStream())
    {
        Headers = { ContentType = new MediaTypeHeaderValue("text/event-stream") },
    };

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
