using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>One request under way: what it has handed out, and what a failure of it means once the server was asked.</summary>
internal sealed class MlxAttempt(MlxConnection connection, string provider, string model, RunningServer running)
{
    private readonly List<ChatResponseUpdate> _seen = [];
    private bool _committed;

    public void Note(ChatResponseUpdate update, bool handedOut)
    {
        _seen.Add(update);
        _committed |= handedOut && StreamSemantics.HasContent(update);
    }

    /// <exception cref="ProviderException">The stream failed.</exception>
    public async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Fail(await MeaningAsync(e).WaitAsync(cancellationToken).ConfigureAwait(false), e); // a probe may take long, and the caller may leave
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new OperationCanceledException("The request was cancelled.", e, cancellationToken);
        }
    }

    /// <exception cref="ProviderException">The answer is not the JSON that was asked for.</exception>
    public IReadOnlyList<ChatResponseUpdate> Release(JsonHold? hold)
    {
        try
        {
            return hold?.Release() ?? [];
        }
        catch (InvalidDataException e)
        {
            throw Fail(new ProviderFailure(FailureKind.InvalidResponse, e.Message), e);
        }
    }

    private async Task<ProviderFailure> MeaningAsync(Exception exception)
    {
        ProviderFailure failure = MlxClassifier.Classify(exception);
        if (failure.Kind is FailureKind.TimedOut)
        {
            _ = connection.SuspectStalledAsync(running); // the caller need not wait for the verdict; a dead server is replaced
        }
        else if (failure.Kind is FailureKind.ConnectionLost && _seen.Count is 0 && MlxClassifier.WasDropped(exception)
            && (await connection.SuspectDroppedAsync(running).ConfigureAwait(false)).IsAlive)
        {
            return new ProviderFailure(FailureKind.BadRequest,
                "The server closed the connection without a byte and is well otherwise: it refused a parameter of the request; its log has the reason.");
        }

        return failure;
    }

    private ProviderException Fail(ProviderFailure failure, Exception inner) => new(failure, provider, model, inner)
    {
        OutputCommitted = _committed,
        PartialResponse = _seen.Count is 0 ? null : _seen.ToChatResponse(),
    };
}
