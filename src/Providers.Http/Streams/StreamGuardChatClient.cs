using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Providers.Http;

/// <summary>Holds a stream back until it has content, its tool calls until it is complete, and fails it when it ends without a finish reason.</summary>
internal sealed class StreamGuardChatClient(IChatClient inner) : DelegatingChatClient(inner)
{
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        GuardedTurn turn = new();
        IAsyncEnumerator<ChatResponseUpdate> updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (updates.ConfigureAwait(false))
        {
            while (await MoveAsync(updates, turn, cancellationToken).ConfigureAwait(false))
            {
                turn.Add(updates.Current);
                while (turn.TryTake(out ChatResponseUpdate? update))
                {
                    yield return update; // committed as soon as one has content
                }
            }
        }

        cancellationToken.ThrowIfCancellationRequested(); // some SDKs end a cancelled stream as if it were complete
        if (!turn.IsComplete)
        {
            throw turn.Fail(new ProviderFailure(FailureKind.ConnectionLost, "The stream ended without a finish reason: the server or the connection died."), null);
        }

        while (turn.TryTake(out ChatResponseUpdate? update))
        {
            yield return update;
        }
    }

    private static async ValueTask<bool> MoveAsync(IAsyncEnumerator<ChatResponseUpdate> updates, GuardedTurn turn, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            throw e is OperationCanceledException own && own.CancellationToken == cancellationToken
                ? own : new OperationCanceledException("The caller cancelled the request.", e, cancellationToken);
        }
        catch (Exception) when (turn.IsComplete)
        {
            return false; // only usage was lost
        }
        catch (Exception e)
        {
            throw turn.Fail(FailureClassifier.Classify(e, null, CancellationToken.None), e);
        }
    }
}
