using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>A streamed chat. An update that is at hand and is plain text passes without a state machine.</summary>
internal sealed class ChatStream(OpenAIChatClient client, IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken requested)
    : IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerator<ChatResponseUpdate>
{
    private CancellationToken _caller;
    private CancellationTokenSource? _linked;
    private ChunkReader? _chunks;
    private string? _model;
    private string? _requestId;
    private bool _taken;
    private bool _opened;
    private bool _any;
    private bool _finished;
    private bool _ended;

    public ChatResponseUpdate Current { get; private set; } = null!;

    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (_taken)
        {
            return new ChatStream(client, messages, options, requested).GetAsyncEnumerator(cancellationToken);
        }

        _taken = true;
        _caller = requested;
        if (cancellationToken.CanBeCanceled && cancellationToken != requested)
        {
            _linked = requested.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(requested, cancellationToken) : null;
            _caller = _linked?.Token ?? cancellationToken;
        }

        return this;
    }

    public ValueTask<bool> MoveNextAsync()
    {
        if (_chunks is { } chunks && chunks.TryNext())
        {
            _any = true;
            Current = chunks.Current;
            return new ValueTask<bool>(true);
        }

        return ReadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _ended = true;
        if (_chunks is { } chunks)
        {
            _chunks = null;
            await chunks.DisposeAsync().ConfigureAwait(false);
        }

        _linked?.Dispose();
        _linked = null;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadAsync()
    {
        if (_ended)
        {
            return false;
        }

        try
        {
            if (!_opened)
            {
                await OpenAsync().ConfigureAwait(false);
            }

            if (_chunks is not null && await _chunks.NextAsync().ConfigureAwait(false))
            {
                Current = Take(_chunks.Current);
                return true;
            }

            _caller.ThrowIfCancellationRequested();
        }
        catch (Exception e)
        {
            Exception seen = _model is null ? e : client.Relay.Relay(e, _model, _caller, streaming: true);
            await DisposeAsync().ConfigureAwait(false);
            if (ReferenceEquals(seen, e))
            {
                throw;
            }

            throw seen;
        }

        await DisposeAsync().ConfigureAwait(false);
        return _finished ? false
            : throw (_any ? client.Relay.Fail(FailureKind.ConnectionLost, "The stream says it is done but has no finish reason: the server broke off its answer.", _model)
                : client.Relay.Fail(FailureKind.InvalidResponse, "The server answered a request for a stream with something else.", _model));
    }

    private async ValueTask OpenAsync()
    {
        _opened = true;
        _caller.ThrowIfCancellationRequested();
        _model = await client.ChooseAsync(options, _caller).ConfigureAwait(false);
        (EventReader? events, _requestId) = await client.OpenAsync(messages, options, _model, _caller).ConfigureAwait(false);
        _chunks = events is null ? null : new ChunkReader(events, _caller);
    }

    private ChatResponseUpdate Take(ChatResponseUpdate update)
    {
        _any = true;
        if (update.FinishReason is not null)
        {
            _finished = true;
            AnswerNotes.Note(update, _requestId);
        }

        return update;
    }
}
