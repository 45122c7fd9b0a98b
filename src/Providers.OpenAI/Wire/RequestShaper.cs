using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>Puts on each request of the SDK's, and of the calls beside chat, what belongs to the server rather than to the call.</summary>
internal sealed class RequestShaper(OpenAIPlan plan, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly byte[] s_done = [.. "data: [DONE]\n\n"u8];

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
            request.Options.Set(GuardHandler.MaxBody, DirectChat.MaxBody);
        }

        AnswerNotes? notes = AnswerNotes.Current;
        if (notes is not { ReadsEvents: true, Events: null })
        {
            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            Note(notes, answer);
            return answer;
        }

        GuardedRequest own = ForEvents(request, cancellationToken);
        HttpResponseMessage response = await base.SendAsync(own, cancellationToken).ConfigureAwait(false);
        Note(notes, response);
        if (own.Events is not null)
        {
            notes.Events = own.Events;
            response.Content = Nothing();
        }

        return response;
    }

    private static void Note(AnswerNotes? notes, HttpResponseMessage response)
    {
        if (notes is not null)
        {
            notes.RequestId = AnswerNotes.RequestIdOf(response);
        }
    }

    /// <summary>The same request, for the guard to hand its events over. The SDK owns its content.</summary>
    private static GuardedRequest ForEvents(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        GuardedRequest own = new(request.Method, request.RequestUri!)
        {
            Content = request.Content,
            Call = CallScope.Current ?? new CallScope.Call(null, null, cancellationToken),
            MaxBody = DirectChat.MaxBody,
            ReadsEvents = true,
        };
        foreach ((string name, HeaderStringValues values) in request.Headers.NonValidated)
        {
            own.Headers.TryAddWithoutValidation(name, values);
        }

        return own;
    }

    /// <summary>A stream of events that ends at once. The SDK takes one that can seek for a body it has buffered.</summary>
    private static StreamContent Nothing() => new(PipeReader.Create(new ReadOnlySequence<byte>(s_done)).AsStream())
    {
        Headers = { ContentType = new MediaTypeHeaderValue("text/event-stream") },
    };

    private static void Put(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null && !request.Headers.Contains(name))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
