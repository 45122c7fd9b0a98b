using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.Http;

namespace Providers.Ollama;

/// <summary>Chat over <c>/api/chat</c>, streamed underneath in both directions. Safe for concurrent use.</summary>
internal sealed class OllamaChatClient(OllamaHttp http, OllamaPlan plan, OllamaModels models) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("ollama", plan.Endpoint, plan.DefaultModel);

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatResponse response = await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);
        response.AdditionalProperties ??= response.Messages[^1].AdditionalProperties?.Clone(); // where updates with a message id leave the durations
        return response;
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        IReadOnlyList<ChatMessage> list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        string model = options?.ModelId ?? await models.DefaultAsync(cancellationToken).ConfigureAwait(false);
        IAsyncEnumerator<ChatResponseUpdate> updates = OpenAsync(list, options, model, cancellationToken).GetAsyncEnumerator(cancellationToken);
        bool pulled = false;
        try
        {
            while (true)
            {
                bool more = false;
                ProviderException? failed = null;
                try
                {
                    more = await updates.MoveNextAsync().ConfigureAwait(false);
                }
                catch (ProviderException e)
                {
                    failed = Named(e, model);
                }
                catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
                {
                    failed = new ProviderException(new ProviderFailure(FailureKind.ConnectionLost, "A line of the answer is malformed, cut, or not one of /api/chat: the stream is lost."), plan.Name, model, e);
                }

                if (failed is { Kind: FailureKind.ModelMissing } && plan.PullMissingModels && !pulled)
                {
                    pulled = true;
                    await PullAsync(model, cancellationToken).ConfigureAwait(false);
                    await updates.DisposeAsync().ConfigureAwait(false);
                    updates = OpenAsync(list, options, model, cancellationToken).GetAsyncEnumerator(cancellationToken);
                    continue;
                }

                if (failed is not null)
                {
                    throw failed;
                }

                if (!more)
                {
                    yield break;
                }

                yield return updates.Current;
            }
        }
        finally
        {
            await updates.DisposeAsync().ConfigureAwait(false);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    public void Dispose()
    {
        // The provider owns the connections.
    }

    private ProviderException Named(ProviderException error, string model)
    {
        if (error.Kind is FailureKind.ModelMissing)
        {
            models.Forget(model);
        }

        return OllamaFailures.Name(error, plan.Name, model);
    }

    private async Task PullAsync(string model, CancellationToken cancellationToken)
    {
        try
        {
            await models.PullAsync(model, null, cancellationToken).ConfigureAwait(false);
        }
        catch (ProviderException e)
        {
            // Whatever stopped the pull: this server serves others, and lacks this model.
            throw new ProviderException(new ProviderFailure(FailureKind.ModelMissing, $"The server does not have the model '{model}', and pulling it failed: {e.Failure.Message}"), plan.Name, model, e);
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> OpenAsync(
        IReadOnlyList<ChatMessage> messages, ChatOptions? options, string model, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] body = ChatRequestJson.Write(plan, model, messages, options);
        ChatLine reader = new(model, options?.MaxOutputTokens);
        bool finished = false;
        await foreach (string line in CallScope.StreamAsync(http.LinesAsync("api/chat", body, cancellationToken), cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            ChatResponseUpdate update = reader.Read(line);
            finished |= update.FinishReason is not null;
            yield return update;
        }

        if (!finished)
        {
            throw new ProviderException(new ProviderFailure(FailureKind.ConnectionLost, "The answer ended without done:true: it was cut."), plan.Name, model);
        }
    }
}
