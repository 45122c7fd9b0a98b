namespace Providers.Http;

/// <summary>A streamed answer: handed out piece by piece, ended promptly after its terminal mark, failed where it ends without one.</summary>
internal sealed class WatchedStream(BlockReader blocks, IDisposable owner) : Stream
{
    private ReadOnlyMemory<byte> _ready;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (true)
        {
            if (Drain(buffer.Span, out BlockStep step) is > 0 and var count)
            {
                return count;
            }

            if (step is BlockStep.Stop)
            {
                return blocks.Failure is { } failure ? throw failure : 0;
            }

            await blocks.FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await blocks.DisposeAsync().ConfigureAwait(false);
        owner.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            blocks.Dispose();
            owner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Hands out judged pieces; stops before one that fails the stream, so that what came before it still arrives.</summary>
    private int Drain(Span<byte> target, out BlockStep step)
    {
        int count = 0;
        step = BlockStep.Piece;
        while (count < target.Length)
        {
            if (_ready.IsEmpty)
            {
                step = blocks.Next();
                if (step is not BlockStep.Piece)
                {
                    break;
                }

                _ready = blocks.Piece;
            }

            int part = Math.Min(_ready.Length, target.Length - count);
            _ready.Span[..part].CopyTo(target[count..]);
            _ready = _ready[part..];
            count += part;
        }

        return count;
    }
}
