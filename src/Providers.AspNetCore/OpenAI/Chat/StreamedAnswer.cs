using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;

namespace Providers.AspNetCore.OpenAI;

/// <summary>
/// Answers a chat with server-sent events. Until the first content is there, nothing is sent, so that a failure keeps its status;
/// every update is flushed unless the next one is at hand already.
/// </summary>
internal static class StreamedAnswer
{
    private const int MostUnflushed = 16 * 1024;

    /// <returns>The usage; <see langword="null"/> when the stream brought none.</returns>
    public static async Task<UsageDetails?> SendAsync(Exchange exchange, IAsyncEnumerable<ChatResponseUpdate> updates, string? asked, bool includeUsage, CancellationToken cancellationToken)
    {
        HttpResponse response = exchange.Response;
        PipeWriter output = response.BodyWriter;
        using ChunkWriter chunks = new(output);
        chunks.Begin("chatcmpl-" + Trace.IdOf(exchange.Http), asked ?? "default", exchange.Services.Clock.GetUtcNow().ToUnixTimeSeconds());
        IAsyncEnumerator<ChatResponseUpdate> source = updates.GetAsyncEnumerator(cancellationToken);
        ValueTask<bool>? ahead = null; // a move that was begun and that nobody waits for yet
        try
        {
            Heartbeat heart = new(output, exchange.Services.Options.Heartbeat, exchange.Services.Clock, () => SetHeaders(response), exchange.Aborted);
            await using ConfiguredAsyncDisposable beating = heart.ConfigureAwait(false);
            try
            {
                ValueTask<bool> next = source.MoveNextAsync();
                int unflushed = 0;
                while (await next.ConfigureAwait(false))
                {
                    ChatResponseUpdate update = source.Current;
                    await heart.EnterAsync().ConfigureAwait(false);
                    if (!response.HasStarted && unflushed == 0)
                    {
                        exchange.Attempts = Served.Annotate(response, update.AdditionalProperties, update.ModelId);
                        SetHeaders(response);
                    }

                    bool wrote = chunks.Write(update);
                    next = source.MoveNextAsync();
                    unflushed += wrote ? 1 : 0;
                    if (unflushed > 0 && (!next.IsCompleted || (output.CanGetUnflushedBytes && output.UnflushedBytes > MostUnflushed)))
                    {
                        ahead = next;
                        await output.FlushAsync(exchange.Aborted).ConfigureAwait(false);
                        ahead = null;
                        unflushed = 0;
                    }

                    heart.Leave();
                }

                await heart.EnterAsync().ConfigureAwait(false);
                SetHeaders(response);
                chunks.End(includeUsage);
                await output.FlushAsync(exchange.Aborted).ConfigureAwait(false);
                return chunks.Usage;
            }
            catch (Exception e) when (response.HasStarted || (output.CanGetUnflushedBytes && output.UnflushedBytes > 0))
            {
                if (exchange.Aborted.IsCancellationRequested)
                {
                    throw;
                }

                await heart.DisposeAsync().ConfigureAwait(false);
                ApiError error = Door.Explain(exchange, e);
                GatewayMetrics.Interrupted(error.Code);
                exchange.Interrupted = true;
                chunks.Fail(error);
                await output.FlushAsync(exchange.Aborted).ConfigureAwait(false);
                return chunks.Usage;
            }
        }
        finally
        {
            if (ahead is { } move)
            {
                await SettleAsync(move).ConfigureAwait(false); // what moves cannot be disposed; the client's leaving has cancelled it
            }

            await source.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task SettleAsync(ValueTask<bool> move)
    {
        try
        {
            await move.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Why the answer ends is known already.
        }
    }

    private static void SetHeaders(HttpResponse response)
    {
        if (response.HasStarted || response.ContentType is not null)
        {
            return;
        }

        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache, no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold the events back
    }
}
