using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>Chat by the SDK, with our model choice, our profile and our exceptions. The provider owns the client inside.</summary>
internal sealed class OpenAIChatClient(IChatClient sdk, OpenAIPlan plan, ModelChoice models, FailureRelay relay) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new(plan.TelemetryName, plan.Endpoint, plan.DefaultFor(ModelCapabilities.Chat));

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        string model = await models.ChooseAsync(options?.ModelId, ModelCapabilities.Chat, cancellationToken).ConfigureAwait(false);
        AnswerNotes notes = new();
        AnswerNotes.Current = notes;
        try
        {
            ChatResponse response = await CallScope.RunAsync(
                () => sdk.GetResponseAsync(messages, ChatRequest.Prepare(options, model, plan.Traits), cancellationToken), cancellationToken, plan.WholeAnswerTimeout).ConfigureAwait(false);
            if (notes.RequestId is { } id)
            {
                (response.AdditionalProperties ??= [])[AnswerNotes.RequestIdKey] = id;
            }

            LogProbabilities.Copy(response);
            return response;
        }
        catch (Exception e)
        {
            throw relay.Relay(e, model, cancellationToken);
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        string model = await models.ChooseAsync(options?.ModelId, ModelCapabilities.Chat, cancellationToken).ConfigureAwait(false);
        AnswerNotes notes = new() { ReadsEvents = true };
        ConfiguredCancelableAsyncEnumerable<ChatResponseUpdate>.Enumerator updates = ReadAsync(
            CallScope.StreamAsync(sdk.GetStreamingResponseAsync(messages, ChatRequest.Prepare(options, model, plan.Traits), cancellationToken), cancellationToken: cancellationToken), notes, cancellationToken)
            .ConfigureAwait(false).GetAsyncEnumerator();
        bool finished = false;
        bool any = false;
        try
        {
            while (await NextAsync(updates, any ? null : notes, model, cancellationToken).ConfigureAwait(false))
            {
                ChatResponseUpdate update = updates.Current;
                any = true;
                if (update.FinishReason is not null)
                {
                    finished = true;
                    if (notes.RequestId is { } id)
                    {
                        (update.AdditionalProperties ??= [])[AnswerNotes.RequestIdKey] = id;
                    }
                }

                LogProbabilities.Copy(update);
                yield return update;
            }
        }
        finally
        {
            await updates.DisposeAsync();
            notes.Events?.Dispose(); // where it was never read: the caller left, or the SDK failed
        }

        if (!finished)
        {
            throw any ? relay.Fail(FailureKind.ConnectionLost, "The stream says it is done but has no finish reason: the server broke off its answer.", model)
                : relay.Fail(FailureKind.InvalidResponse, "The server answered a request for a stream with something else.", model);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? sdk.GetService(serviceType, serviceKey)
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : sdk.GetService(serviceType);
    }

    public void Dispose()
    {
        // The provider owns the connections.
    }

    /// <summary>The SDK sends the request and judges the answer's beginning; what it would make of the events we read ourselves.</summary>
    private static async IAsyncEnumerable<ChatResponseUpdate> ReadAsync(IAsyncEnumerable<ChatResponseUpdate> sent, AnswerNotes notes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ChatResponseUpdate update in sent.ConfigureAwait(false))
        {
            yield return update;
        }

        if (notes.Events is { } events)
        {
            await foreach (ChatResponseUpdate update in ChunkStream.ReadAsync(events, cancellationToken).ConfigureAwait(false))
            {
                yield return update;
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <param name="notes">Set for the first call, in which the request goes out.</param>
    private async ValueTask<bool> NextAsync(ConfiguredCancelableAsyncEnumerable<ChatResponseUpdate>.Enumerator updates, AnswerNotes? notes, string model, CancellationToken cancellationToken)
    {
        if (notes is not null)
        {
            AnswerNotes.Current = notes;
        }

        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception e)
        {
            throw relay.Relay(e, model, cancellationToken, streaming: true);
        }
    }
}
