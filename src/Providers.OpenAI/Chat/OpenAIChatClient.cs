using Microsoft.Extensions.AI;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>Chat with our model choice, our profile and our exceptions: plain requests by ourselves, all others by the SDK. The provider owns what sends them.</summary>
internal sealed class OpenAIChatClient(IChatClient sdk, DirectChat direct, OpenAIPlan plan, ModelChoice models, FailureRelay relay) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new(plan.TelemetryName, plan.Endpoint, plan.DefaultFor(ModelCapabilities.Chat));

    public FailureRelay Relay => relay;

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        string model = await ChooseAsync(options, cancellationToken).ConfigureAwait(false);
        try
        {
            return messages is IReadOnlyList<ChatMessage> list && PlainRequest.IsPlain(list, options)
                ? await direct.AskAsync(PlainRequest.Write(list, options, model, plan.Traits, stream: false), cancellationToken).ConfigureAwait(false)
                : await AskSdkAsync(messages, options, model, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw relay.Relay(e, model, cancellationToken);
        }
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return new ChatStream(this, messages, options, cancellationToken);
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

    /// <summary>Finds the model of a request.</summary>
    public ValueTask<string> ChooseAsync(ChatOptions? options, CancellationToken cancellationToken) => models.ChooseAsync(options?.ModelId, ModelCapabilities.Chat, cancellationToken);

    /// <summary>Sends a request for a stream.</summary>
    /// <returns>Its events; <see langword="null"/>: the server answered with something else.</returns>
    public async ValueTask<(EventReader? Events, string? RequestId)> OpenAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, string model, CancellationToken cancellationToken)
    {
        if (messages is IReadOnlyList<ChatMessage> list && PlainRequest.IsPlain(list, options))
        {
            return await direct.OpenAsync(PlainRequest.Write(list, options, model, plan.Traits, stream: true), cancellationToken).ConfigureAwait(false);
        }

        // The SDK sends the request and judges the answer's beginning; the events go past it.
        AnswerNotes notes = new() { ReadsEvents = true };
        AnswerNotes.Current = notes;
        try
        {
            await foreach (ChatResponseUpdate update in CallScope.StreamAsync(
                sdk.GetStreamingResponseAsync(messages, ChatRequest.Prepare(options, model, plan.Traits), cancellationToken), cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                _ = update; // it is given none
            }

            return (notes.Events, notes.RequestId);
        }
        catch when (notes.Events is not null)
        {
            await notes.Events.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<ChatResponse> AskSdkAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, string model, CancellationToken cancellationToken)
    {
        AnswerNotes notes = new();
        AnswerNotes.Current = notes;
        ChatResponse response = await CallScope.RunAsync(
            () => sdk.GetResponseAsync(messages, ChatRequest.Prepare(options, model, plan.Traits), cancellationToken), cancellationToken, plan.WholeAnswerTimeout).ConfigureAwait(false);
        AnswerNotes.Note(response, notes.RequestId);
        LogProbabilities.Copy(response);
        return response;
    }
}
