using System.Text.Json;

namespace Providers.Http;

/// <summary>A streamed answer: handed out piece by piece, ended promptly after its terminal mark, failed where it ends without one.</summary>
internal sealed class WatchedStream(TimedReader reader, StreamBlock block, GuardOptions options, TimeProvider clock, Func<string, ProviderException> fail, IDisposable owner) : Stream
{
    private const int FirstBuffer = 16 * 1024;

    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(FirstBuffer);
    private int _start;
    private int _end;
    private int _searched;
    private ReadOnlyMemory<byte> _ready;
    private Exception? _failure;
    private long _finishedAt;
    private bool _finished;
    private bool _ended;

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
            if (Drain(buffer.Span) is > 0 and var count)
            {
                return count;
            }

            if (_failure is not null)
            {
                throw _failure;
            }

            if (_ended)
            {
                return 0;
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
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
        await reader.DisposeAsync().ConfigureAwait(false);
        owner.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            reader.Dispose();
            owner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Hands out judged pieces; stops before one that fails the stream, so that what came before it still arrives.</summary>
    private int Drain(Span<byte> target)
    {
        int count = 0;
        while (count < target.Length)
        {
            if (_ready.IsEmpty && (_failure is not null || _ended || !Next()))
            {
                break;
            }

            int part = Math.Min(_ready.Length, target.Length - count);
            _ready.Span[..part].CopyTo(target[count..]);
            _ready = _ready[part..];
            count += part;
        }

        return count;
    }

    /// <summary>Judges the next complete piece.</summary>
    private bool Next()
    {
        int length = block.FindEnd(_buffer.AsSpan(_start, _end - _start), ref _searched);
        if (length < 0)
        {
            return false;
        }

        Take(length);
        return true;
    }

    private void Take(int length, ReadOnlySpan<byte> suffix = default)
    {
        ReadOnlyMemory<byte> piece = _buffer.AsMemory(_start, length);
        _start += length;
        _searched = 0;
        try
        {
            BlockVerdict verdict = block.Judge(piece.Span, out byte[]? mended);
            if (verdict is BlockVerdict.Error or BlockVerdict.Aborted && !_finished)
            {
                _failure = verdict is BlockVerdict.Error ? fail(block.ErrorBody) : Lost("The server gave up its answer (finish_reason 'error' or 'abort').");
                return;
            }

            _ready = suffix.IsEmpty ? mended ?? piece : (byte[])[.. (mended ?? piece).Span, .. suffix];
            if (verdict is BlockVerdict.Finished && !_finished)
            {
                (_finished, _finishedAt) = (true, clock.GetTimestamp());
            }

            _ended |= verdict is BlockVerdict.End;
        }
        catch (JsonException e)
        {
            _ended = _finished;
            _failure = _finished ? null : Lost("A piece of the stream is malformed or cut: the stream is lost.", e);
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        if (_failure is not null)
        {
            return;
        }

        TimeSpan? grace = _finished ? options.TrailerGrace - clock.GetElapsedTime(_finishedAt) : null;
        int read = await reader.ReadAsync(_buffer.AsMemory(_end), grace, cancellationToken).ConfigureAwait(false);
        _end += read;
        if (read > 0)
        {
            return;
        }

        if (_end > _start)
        {
            Take(_end - _start, "\n\n"u8); // KoboldCpp leaves out the last empty line
        }

        if (!_finished && !_ended)
        {
            _failure ??= Lost("The stream ended without its terminal mark: the server or the connection died.");
        }

        _ended = true;
    }

    private void MakeRoom()
    {
        int used = _end - _start;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, used).CopyTo(_buffer);
            (_start, _end) = (0, used);
        }

        if (used < _buffer.Length)
        {
            return;
        }

        if (used >= options.MaxLine)
        {
            _failure = new ProviderException(new ProviderFailure(FailureKind.InvalidResponse,
                $"A line of the stream is longer than {options.MaxLine} bytes (MaxLine)."), options.Provider);
            return;
        }

        Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, options.MaxLine));
    }

    private ProviderException Lost(string message, Exception? inner = null) =>
        new(new ProviderFailure(FailureKind.ConnectionLost, message), options.Provider, null, inner);
}
