namespace Providers.Http;

/// <summary>The events of a streamed answer for an adapter that reads them itself, straight from the guard's buffer. One reader at a time.</summary>
internal sealed class EventReader(BlockReader blocks, IDisposable owner) : IAsyncDisposable
{
    /// <summary>Gets the data of the event that the last step gave; valid until the next.</summary>
    public ReadOnlyMemory<byte> Data => blocks.Data;

    /// <summary>Goes on to the next event that is at hand; what failed the stream is told by <see cref="ThrowIfFailed"/>.</summary>
    /// <param name="taker">Has the first look at each.</param>
    public BlockStep Next(IEventTaker taker) => blocks.Next(taker);

    /// <summary>Reads on.</summary>
    /// <param name="cancellationToken">Ends this read.</param>
    public ValueTask FillAsync(CancellationToken cancellationToken) => blocks.FillAsync(cancellationToken);

    /// <summary>Throws what is wrong with the stream; to be called once it has stopped.</summary>
    public void ThrowIfFailed()
    {
        if (blocks.Failure is { } failure)
        {
            throw failure;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await blocks.DisposeAsync().ConfigureAwait(false);
        owner.Dispose();
    }
}
