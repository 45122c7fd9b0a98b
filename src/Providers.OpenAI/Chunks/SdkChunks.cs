using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;

#pragma warning disable OPENAI001 // the converter and the context are marked as experimental; ChunkStreamTests hold them to what the SDK's own client gives

namespace Providers.OpenAI;

/// <summary>
/// Turns chunks of a stream into updates by the SDK and Microsoft.Extensions.AI, one at a time: their converter, which remembers the parts of
/// tool calls, reads from here, and is woken for each chunk. One reader at a time.
/// </summary>
internal sealed class SdkChunks : IAsyncEnumerable<StreamingChatCompletionUpdate>, IAsyncEnumerator<StreamingChatCompletionUpdate>
{
    private readonly IAsyncEnumerator<ChatResponseUpdate> _converter;
    private TaskCompletionSource<bool>? _hungry; // the converter has taken all there was, and waits
    private Task<bool>? _step; // the converter's step under way, begun for a chunk that gave no update
    private StreamingChatCompletionUpdate? _next;
    private bool _ended;

    public SdkChunks(CancellationToken cancellationToken) => _converter = this.AsChatResponseUpdatesAsync(null, cancellationToken).GetAsyncEnumerator(cancellationToken);

    public StreamingChatCompletionUpdate Current { get; private set; } = null!;

    /// <summary>Converts a chunk.</summary>
    /// <returns><see langword="null"/>: it gives no update now.</returns>
    /// <exception cref="System.Text.Json.JsonException">It is no JSON.</exception>
    public async ValueTask<ChatResponseUpdate?> ConvertAsync(BinaryData chunk)
    {
        _next = ModelReaderWriter.Read<StreamingChatCompletionUpdate>(chunk, ModelReaderWriterOptions.Json, OpenAIContext.Default);
        return await StepAsync().ConfigureAwait(false) ? _converter.Current : null;
    }

    /// <summary>Takes what the converter has kept until the end: tool calls.</summary>
    /// <returns><see langword="null"/>: nothing more.</returns>
    public async ValueTask<ChatResponseUpdate?> EndAsync()
    {
        _ended = true;
        return await StepAsync().ConfigureAwait(false) ? _converter.Current : null;
    }

    public ValueTask<bool> MoveNextAsync()
    {
        if (_next is { } next)
        {
            (Current, _next) = (next, null);
            return new(true);
        }

        if (_ended)
        {
            return new(false);
        }

        _hungry = new TaskCompletionSource<bool>();
        return new(_hungry.Task);
    }

    public IAsyncEnumerator<StreamingChatCompletionUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

    public ValueTask DisposeAsync() => default;

    /// <summary>Ends the converter; must be called once, by whoever made this.</summary>
    public async ValueTask CloseAsync()
    {
        _ended = true;
        Feed();
        if (_step is { } step)
        {
            await ((Task)step).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _converter.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<bool> StepAsync()
    {
        if (_step is null)
        {
            ValueTask<bool> step = _converter.MoveNextAsync();
            if (step.IsCompleted)
            {
                return await step.ConfigureAwait(false);
            }

            _step = step.AsTask();
        }
        else
        {
            Feed();
        }

        if (!_step.IsCompleted && _hungry is not null)
        {
            return false; // it swallowed the chunk and wants another
        }

        bool any = await _step.ConfigureAwait(false);
        _step = null;
        return any;
    }

    private void Feed()
    {
        if (_hungry is not { } hungry)
        {
            return;
        }

        _hungry = null;
        if (_next is { } next)
        {
            (Current, _next) = (next, null);
            hungry.SetResult(true); // runs the converter, on this thread, as far as it gets
        }
        else
        {
            hungry.SetResult(false);
        }
    }
}
