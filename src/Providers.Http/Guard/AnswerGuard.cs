using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Providers.Http;

/// <summary>Accepts an answer, or throws what is wrong with it.</summary>
internal sealed class AnswerGuard(GuardOptions options, TimeProvider clock)
{
    private static readonly TimeSpan s_errorPatience = TimeSpan.FromSeconds(5);

    /// <summary>Checks an answer and puts a watch over its stream.</summary>
    /// <param name="request">The request.</param>
    /// <param name="response">Its answer, of which only the headers were read; disposed when it is refused.</param>
    /// <param name="patience">How long its body may take.</param>
    /// <param name="cancellationToken">The request's token.</param>
    public async ValueTask<HttpResponseMessage> AcceptAsync(HttpRequestMessage request, HttpResponseMessage response, Patience patience, CancellationToken cancellationToken)
    {
        try
        {
            if (!response.IsSuccessStatusCode)
            {
                throw await RefuseAsync(request, response, patience, cancellationToken).ConfigureAwait(false);
            }

            if (request.Method == HttpMethod.Head || SaysNothing(response))
            {
                return response;
            }

            string? media = response.Content.Headers.ContentType?.MediaType;
            bool sse = media is "text/event-stream";
            if (sse || media is "application/x-ndjson" or "application/ndjson" or "application/jsonl")
            {
                await WatchAsync(request, response, sse, patience, cancellationToken).ConfigureAwait(false);
                return response;
            }

            await BufferAsync(request, response, media, patience, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    // Done, and nothing to add: Ollama's uploads (201), copies and deletions (200 with a length of 0 and no type). An answer that was to be JSON names its type,
    // and one that a dying server cut names no length; those go on to be judged.
    private static bool SaysNothing(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.ResetContent
        || (response.Content.Headers.ContentLength is 0 && (response.StatusCode is not HttpStatusCode.OK || response.Content.Headers.ContentType is null));

    private async ValueTask WatchAsync(HttpRequestMessage request, HttpResponseMessage response, bool sse, Patience patience, CancellationToken cancellationToken)
    {
        HttpContent original = response.Content;
        Stream inner = await original.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        string? path = request.RequestUri?.AbsolutePath;
        string? requestId = RequestId(response);
        ProviderException Fail(string body) => Throwable(WireError.Read(200, Scrub(body)) with { InStream = true, Path = path, RequestId = requestId }, null);
#pragma warning disable CA2000 // the stream owns its reader, the content its stream, the response its content
        BlockReader blocks = new(new TimedReader(inner, patience, clock, options.Provider), new StreamBlock(sse), options, clock, Fail);
        if (sse && request is GuardedRequest { ReadsEvents: true } own)
        {
            own.Events = new EventReader(blocks, original);
            return;
        }

        Replace(response, new StreamContent(new WatchedStream(blocks, original)));
#pragma warning restore CA2000
    }

    private async ValueTask BufferAsync(HttpRequestMessage request, HttpResponseMessage response, string? media, Patience patience, CancellationToken cancellationToken)
    {
        HttpContent original = response.Content;
        GuardedRequest? guarded = request as GuardedRequest;
        int limit = guarded?.MaxBody ?? (request.Options.TryGetValue(GuardHandler.MaxBody, out int own) ? own : options.MaxBody);
        (ReadOnlyMemory<byte> body, bool more) = original.Headers.ContentLength > limit ? (default, true)
            : await ReadAsync(original, limit, patience, cancellationToken).ConfigureAwait(false);
        if (more)
        {
            throw Throwable(new ProviderFailure(FailureKind.InvalidResponse, $"The server's answer is longer than {Size(limit)} (MaxBody)."), response);
        }

        byte[]? mended = null;
        bool asked = request.Method == HttpMethod.Post;
        bool json = media is null or "application/json" or "text/html" || asked;
        if (json && (asked || !body.Span.Trim(" \t\r\n"u8).IsEmpty)) // a list of models may be empty: mlx_lm.server without a cache folder
        {
            ProviderFailure? wrong = WholeBody.Judge(body.Span, out mended, out bool isError);
            if (isError)
            {
                throw Throwable(WireError.Read(200, Text(body)) with { Path = request.RequestUri?.AbsolutePath, RequestId = RequestId(response) }, null);
            }

            if (wrong is not null)
            {
                throw Throwable(wrong, response);
            }
        }

        if (guarded is not null)
        {
            guarded.Answer = mended ?? body;
            return;
        }

        Replace(response, new ReadOnlyMemoryContent(mended ?? body));
        original.Dispose();
    }

    private async ValueTask<ProviderException> RefuseAsync(HttpRequestMessage request, HttpResponseMessage response, Patience patience, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = default;
        try
        {
            (body, _) = await ReadAsync(response.Content, options.MaxErrorBody, patience.AtMost(s_errorPatience), cancellationToken).ConfigureAwait(false);
        }
        catch (ProviderException)
        {
            // The status says enough.
        }

        WireError error = WireError.Read((int)response.StatusCode, Text(body));
        return Throwable(error with
        {
            Path = request.RequestUri?.AbsolutePath,
            RequestId = RequestId(response),
            RetryAfter = RetryHints.Read(response.Headers, error.Message, clock.GetUtcNow(), (int)response.StatusCode is 429),
        }, (int)response.StatusCode);
    }

    private async ValueTask<(ReadOnlyMemory<byte> Body, bool More)> ReadAsync(HttpContent content, int limit, Patience patience, CancellationToken cancellationToken)
    {
        Stream stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        TimedReader reader = new(stream, patience, clock, options.Provider);
        await using (reader.ConfigureAwait(false))
        {
            return await WholeBody.ReadAsync(reader, content.Headers.ContentLength, limit, cancellationToken).ConfigureAwait(false);
        }
    }

    private ProviderException Throwable(WireError error, int? status)
    {
        ProviderFailure failure = options.Classify?.Invoke(error) ?? StatusTable.Classify(error);
        if (error.InStream && failure.Kind is FailureKind.Transient or FailureKind.Unknown)
        {
            failure = new ProviderFailure(FailureKind.ConnectionLost, failure.Message) { Code = failure.Code };
        }

        return new ProviderException(failure with
        {
            Status = status, // what a body names in place of it is no status
            RetryAfter = failure.RetryAfter ?? error.RetryAfter,
            RequestId = failure.RequestId ?? error.RequestId,
        }, options.Provider);
    }

    private ProviderException Throwable(ProviderFailure failure, HttpResponseMessage response) =>
        new(failure with { Status = (int)response.StatusCode, RequestId = RequestId(response) }, options.Provider);

    private static string? RequestId(HttpResponseMessage response) =>
        RetryHints.Header(response.Headers, "x-request-id") ?? RetryHints.Header(response.Headers, "apim-request-id");

    private static string Size(int bytes) => bytes % (1 << 20) == 0 ? $"{bytes >> 20} MiB" : $"{bytes} bytes";

    private string Text(ReadOnlyMemory<byte> body) => Scrub(Encoding.UTF8.GetString(body.Span));

    // Some servers repeat the key they refuse, and not every key looks like one.
    private string Scrub(string body) => options.Keys?.Scrub(body) ?? body;

    private static void Replace(HttpResponseMessage response, HttpContent content)
    {
        foreach ((string name, HeaderStringValues values) in response.Content.Headers.NonValidated)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                content.Headers.TryAddWithoutValidation(name, values);
            }
        }

        response.Content = content;
    }
}
