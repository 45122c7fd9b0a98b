using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>Chat over one server. Always streams underneath: the server notices that a caller has left only when a write fails.</summary>
internal sealed class MlxChatClient(MlxChatWire wire, MlxConnection connection, MlxPlan plan) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new(MlxProviderFactory.TelemetryName, plan.BaseUrl, plan.ShownModel(null));

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await StreamAsync(messages, options, handsOut: false, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(messages, options, handsOut: true, cancellationToken);

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
        // The provider owns the connection.
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, bool handsOut, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        MlxRequest request = MlxRequest.Prepare(messages, options, plan);
        RunningServer running = await connection.EnterAsync(cancellationToken).ConfigureAwait(false);
        MlxAttempt attempt = new(connection, plan.Name, request.ShownModel, running);
        JsonHold? hold = request.Json is null ? null : new JsonHold(request.Json);
        try
        {
            IAsyncEnumerator<ChatResponseUpdate> updates = wire.StreamAsync(running.Endpoint, request.Messages, request.Options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (updates.ConfigureAwait(false))
            {
                while (await attempt.NextAsync(updates, cancellationToken).ConfigureAwait(false))
                {
                    ChatResponseUpdate update = updates.Current;
                    update.ModelId = request.ShownModel;
                    if (hold is null || hold.Passes(update))
                    {
                        attempt.Note(update, handsOut);
                        yield return update; // committed if it has content: from here on a failure belongs to the caller
                    }
                }
            }

            foreach (ChatResponseUpdate update in attempt.Release(hold))
            {
                yield return update;
            }
        }
        finally
        {
            connection.Leave();
        }
    }
}
