using Microsoft.Extensions.AI;
using Providers.Http;

namespace Providers.OpenAI;

/// <summary>Reads the updates of a streamed answer: plain ones by ourselves, straight from the guard's buffer, all else by the SDK, in the order they came. One reader at a time.</summary>
internal sealed class ChunkReader(EventReader events, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly PlainChunks _plain = new();
    private SdkChunks? _others;
    private BlockStep? _step; // made, and not yet looked at
    private bool _done;

    /// <summary>Gets the last update.</summary>
    public ChatResponseUpdate Current { get; private set; } = null!;

    /// <summary>Takes the next update if it is at hand and plain text.</summary>
    /// <returns><see langword="false"/>: it is something else; <see cref="NextAsync"/> tells.</returns>
    public bool TryNext()
    {
        if (_done || _step is not null)
        {
            return false;
        }

        BlockStep step = events.Next(_plain);
        if (step is BlockStep.Taken)
        {
            Current = _plain.Update;
            return true;
        }

        _step = step;
        return false;
    }

    /// <summary>Goes on to the next update.</summary>
    /// <exception cref="ProviderException">The stream failed.</exception>
    public async ValueTask<bool> NextAsync()
    {
        while (!_done)
        {
            BlockStep step = _step ?? events.Next(_plain);
            _step = null;
            switch (step)
            {
                case BlockStep.Taken:
                    Current = _plain.Update;
                    return true;
                case BlockStep.Hungry:
                    await events.FillAsync(cancellationToken).ConfigureAwait(false);
                    break;
                case BlockStep.Stop:
                    _done = true;
                    events.ThrowIfFailed();
                    break;
                default:
                    if (await ReadAsync(events.Data).ConfigureAwait(false) is { } update)
                    {
                        Current = update;
                        return true;
                    }

                    break;
            }
        }

        if (_others is null || await _others.EndAsync().ConfigureAwait(false) is not { } last)
        {
            return false;
        }

        Current = last;
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_others is not null)
        {
            await _others.CloseAsync().ConfigureAwait(false);
        }

        await events.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<ChatResponseUpdate?> ReadAsync(ReadOnlyMemory<byte> data)
    {
        if (data.IsEmpty || data.Span.SequenceEqual("[DONE]"u8))
        {
            _done |= !data.IsEmpty;
            return null;
        }

        if (_plain.TryRead(data.Span) is { } plain)
        {
            return plain;
        }

        BinaryData chunk = new(data.ToArray());
        if (_others is null)
        {
            _others = new SdkChunks(cancellationToken);
            foreach (byte[] told in _plain.HandOver())
            {
                await _others.ConvertAsync(new BinaryData(told)).ConfigureAwait(false); // was read here already
            }
        }

        if (await _others.ConvertAsync(chunk).ConfigureAwait(false) is not { } update)
        {
            return null;
        }

        _plain.Follow(update);
        LogProbabilities.Copy(update);
        return update;
    }
}
