using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Providers.OpenAI;

/// <summary>Stands under the SDK: puts the key on, owns the timers, and turns every answer that is none into a typed failure.</summary>
internal sealed class GuardHandler(OpenAIPlan plan, RateLimits limits, ILogger logger, TimeProvider clock, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MaxErrorBody = 64 * 1024;
    private const int MaxChatBody = 32 * 1024 * 1024;
    private readonly KeyRing _keys = new(plan.Keys, clock);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            string? key = plan.KeyProvider is { } provider ? await provider(cancellationToken).ConfigureAwait(false) : _keys.Take();
            Authorize(request, key);
            AnswerTimer timer = new(plan, clock);
            HttpResponseMessage response = await timer.RunAsync(async token => await base.SendAsync(request, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            limits.Note(response.Headers);
            if (response.IsSuccessStatusCode)
            {
                try
                {
                    return await GuardAsync(request, response, timer, cancellationToken).ConfigureAwait(false);
                }
                catch
                {
                    response.Dispose(); // else the connection stays open until the collector finds it
                    throw;
                }
            }

            ProviderFailure failure = await RefusalAsync(request, response, key, timer, cancellationToken).ConfigureAwait(false);
            if (key is null || !_keys.Rest(key, failure) || attempt >= _keys.Count)
            {
                throw new ProviderException(failure, plan.Name);
            }

            logger.KeyRests(plan.Name, attempt, _keys.Count, failure.Kind);
        }
    }

    private void Authorize(HttpRequestMessage request, string? key)
    {
        request.Headers.Remove(plan.KeyHeader);
        if (!string.IsNullOrEmpty(key))
        {
            bool bearer = plan.KeyHeader.Equals("Authorization", StringComparison.OrdinalIgnoreCase);
            request.Headers.TryAddWithoutValidation(plan.KeyHeader, bearer ? $"Bearer {key}" : key);
        }
    }

    private async ValueTask<HttpResponseMessage> GuardAsync(HttpRequestMessage request, HttpResponseMessage response, AnswerTimer timer, CancellationToken cancellationToken)
    {
        AnswerNotes.Current?.RequestId = RequestId(response.Headers);
        bool chats = Asked(request) is ModelCapabilities.Chat && request.Method == HttpMethod.Post;
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentType?.MediaType is "text/event-stream")
        {
            Replace(response, new StreamContent(new WatchedStream(body, timer)));
            return response;
        }

        int limit = chats ? MaxChatBody : JsonHttp.MaxBody;
        if (response.Content.Headers.ContentLength > limit)
        {
            throw TooLong(limit);
        }

        byte[] whole = await ReadAsync(body, timer, limit, cut: false, cancellationToken).ConfigureAwait(false);
        Replace(response, new ByteArrayContent(chats ? CheckAnswer(whole) : whole));
        return response;
    }

    /// <summary>The SDK takes a page for an empty stream, and trips over an error where it expects an answer.</summary>
    private byte[] CheckAnswer(byte[] body)
    {
        try
        {
            ChunkReading reading = ChunkReading.Read(body);
            return reading.IsError
                ? throw new ProviderException(ErrorClassifier.Classify(200, Encoding.UTF8.GetString(body)), plan.Name)
                : reading.Rewritten ?? body;
        }
        catch (JsonException e)
        {
            string what = body.Length == 0 ? "an empty answer" : "an answer that is no JSON";
            throw new ProviderException(new ProviderFailure(FailureKind.InvalidResponse, $"The server sent {what}; a proxy may stand before it, or the endpoint is wrong."), plan.Name, null, e);
        }
    }

    private async ValueTask<ProviderFailure> RefusalAsync(HttpRequestMessage request, HttpResponseMessage response, string? key, AnswerTimer timer, CancellationToken cancellationToken)
    {
        using HttpResponseMessage refused = response;
        string text = "";
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            text = Encoding.UTF8.GetString(await ReadAsync(body, timer, MaxErrorBody, cut: true, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is IOException or TimeoutException or HttpRequestException)
        {
            // The status alone has to do.
        }

        text = key is { Length: >= 8 } ? text.Replace(key, "[key]", StringComparison.Ordinal) : text; // some servers repeat the key they refuse
        ProviderFailure failure = ErrorClassifier.Classify((int)response.StatusCode, text, Asked(request));
        return failure with
        {
            Status = (int)response.StatusCode,
            RequestId = RequestId(response.Headers),
            RetryAfter = RetryAfter(response.Headers) ?? failure.RetryAfter ?? (failure.Kind is FailureKind.RateLimited ? RateLimits.ResetAfter(response.Headers) : null),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseHeaders headers)
    {
        if (double.TryParse(First(headers, "retry-after-ms"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double milliseconds))
        {
            return TimeSpan.FromMilliseconds(Math.Min(milliseconds, TimeSpan.FromDays(1).TotalMilliseconds));
        }

        string? text = First(headers, "Retry-After");
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(1).TotalSeconds))
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) ? TimeSpan.FromTicks(Math.Max(0, (date - clock.GetUtcNow()).Ticks))
            : null;
    }

    private static async ValueTask<byte[]> ReadAsync(Stream body, AnswerTimer timer, int limit, bool cut, CancellationToken cancellationToken)
    {
        using MemoryStream whole = new();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await timer.ReadAsync(body, buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            whole.Write(buffer, 0, read);
            if (whole.Length > limit)
            {
                return cut ? whole.ToArray() : throw TooLong(limit);
            }
        }

        return whole.ToArray();
    }

    private static InvalidDataException TooLong(int limit) => new($"The answer is longer than {limit / 1024 / 1024} MiB.");

    private static void Replace(HttpResponseMessage response, HttpContent content)
    {
        foreach ((string name, IEnumerable<string> values) in response.Content.Headers)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                content.Headers.TryAddWithoutValidation(name, values);
            }
        }

        response.Content = content;
    }

    private static ModelCapabilities Asked(HttpRequestMessage request) => request.RequestUri?.AbsolutePath switch
    {
        { } path when path.EndsWith("/embeddings", StringComparison.Ordinal) => ModelCapabilities.Embeddings,
        { } path when path.EndsWith("/rerank", StringComparison.Ordinal) => ModelCapabilities.Rerank,
        _ => ModelCapabilities.Chat,
    };

    private static string? RequestId(HttpResponseHeaders headers) => First(headers, "x-request-id") ?? First(headers, "apim-request-id");

    private static string? First(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}
