using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>One streamed chat request on the wire of <c>mlx_lm.server</c> and its relatives: complete only with a finish reason, each wait with its own limit.</summary>
internal sealed class MlxChatWire(HttpMessageInvoker http, MlxPlan plan, TimeProvider clock)
{
    private const int MaxBody = 16 * 1024 * 1024;

    public async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        Uri endpoint, IEnumerable<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using Deadline deadline = new(plan.FirstByteTimeout, clock, cancellationToken);
        using HttpRequestMessage request = NewRequest(endpoint, ChatRequestBody.Write(messages, options));
        using HttpResponseMessage response = await WithinAsync(http.SendAsync(request, deadline.Token), deadline, "byte").ConfigureAwait(false);
        Stream body = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            deadline.Restart();
            ToolCallParts calls = new();
            if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType is not "text/event-stream")
            {
                string whole = await WithinAsync(ReadAsync(body, deadline), deadline, "byte").ConfigureAwait(false);
                yield return Whole(response, whole, calls);
                yield break;
            }

            SseReader events = new(body, deadline);
            bool finished = false;
            int count = 0;
            while (await NextAsync(events, deadline, finished).ConfigureAwait(false) is { } data and not "[DONE]")
            {
                ChatResponseUpdate update = ChatChunk.Read(data, calls);
                finished |= StreamSemantics.IsTerminal(update);
                count++;
                deadline.Restart(plan.IdleTimeout); // until the first event, reading the prompt may take longer than a pause
                yield return update;
            }

            if (!finished)
            {
                throw new ProviderException(new ProviderFailure(FailureKind.ConnectionLost, $"The stream ended after {count} events without a finish reason: the server was lost while it answered."));
            }
        }
    }

    private HttpRequestMessage NewRequest(Uri endpoint, byte[] json)
    {
        // A buffered body has a length: the server answers a chunked one with 411.
        ByteArrayContent content = new(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        HttpRequestMessage request = new(HttpMethod.Post, new Uri(endpoint, "v1/chat/completions")) { Content = content };
        if (plan.ApiKey() is { Length: > 0 } key)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return request;
    }

    private ChatResponseUpdate Whole(HttpResponseMessage response, string body, ToolCallParts calls)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new ProviderException(MlxErrorText.Classify((int)response.StatusCode, plan.MaskKey(body)) with { RetryAfter = RetryDelay.Of(response, clock) });
        }

        ChatResponseUpdate update = ChatChunk.Read(body, calls);
        return StreamSemantics.IsTerminal(update) ? update : throw new InvalidDataException("The server's answer has no finish reason.");
    }

    // After the finish reason the answer is whole: a server that is lost then has lost nothing of it.
    private static async ValueTask<string?> NextAsync(SseReader events, Deadline deadline, bool finished)
    {
        try
        {
            return await WithinAsync(events.NextAsync().AsTask(), deadline, "next byte").ConfigureAwait(false);
        }
        catch (Exception e) when (finished && e is IOException or TimeoutException && e is not InvalidDataException)
        {
            return null;
        }
    }

    private static async Task<T> WithinAsync<T>(Task<T> task, Deadline deadline, string what)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch (Exception e) when (deadline.Expired && e is OperationCanceledException or IOException or HttpRequestException)
        {
            throw new TimeoutException($"The {what} of the answer did not come within {deadline.Limit.TotalSeconds:F1} s.", e);
        }
    }

    private static async Task<string> ReadAsync(Stream body, Deadline deadline)
    {
        using MemoryStream whole = new();
        byte[] buffer = new byte[8 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, deadline.Token).ConfigureAwait(false)) > 0)
        {
            deadline.Restart();
            whole.Write(buffer, 0, read);
            if (whole.Length > MaxBody)
            {
                throw new InvalidDataException($"The server's answer is longer than {MaxBody / 1024 / 1024} MiB.");
            }
        }

        return Encoding.UTF8.GetString(whole.GetBuffer(), 0, (int)whole.Length);
    }
}
