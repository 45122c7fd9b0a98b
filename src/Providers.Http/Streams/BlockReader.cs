using System.Text.Json;

namespace Providers.Http;

/// <summary>A streamed answer, block by block: each is judged before it is handed out, and an end without the terminal mark is a failure.</summary>
internal sealed class BlockReader(TimedReader reader, StreamBlock block, GuardOptions options, TimeProvider clock, Func<string, ProviderException> fail)
{
    private const int FirstBuffer = 16 * 1024;

    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(FirstBuffer);
    private int _start;
    private int _end;
    private int _searched;
    private ReadOnlyMemory<byte> _last;
    private long _finishedAt;
    private bool _finished;
    private bool _ended;

    /// <summary>Gets the block, or what stands for it; valid until the next step.</summary>
    public ReadOnlyMemory<byte> Piece { get; private set; }

    /// <summary>Gets what is wrong with the stream; to be thrown once all that came before it was handed out.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Gets where the data of the event is in <see cref="Piece"/>, or that data itself where it had several lines.</summary>
    public ReadOnlyMemory<byte> Data => block.DataIn(Piece);

    /// <summary>Goes on to the next block that is at hand.</summary>
    /// <param name="taker">Has the first look at events; <see langword="null"/>: nobody has.</param>
    public BlockStep Next(IEventTaker? taker = null)
    {
        if (!_last.IsEmpty)
        {
            (Piece, _last) = (_last, default);
            return BlockStep.Piece;
        }

        if (Failure is not null || _ended)
        {
            return BlockStep.Stop;
        }

        ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, _end - _start);
        int length = block.FindEnd(bytes, ref _searched);
        if (length < 0)
        {
            return BlockStep.Hungry;
        }

        int start = _start;
        _start += length;
        _searched = 0;
        if (taker is not null && StreamBlock.OneLineOfData(bytes[..length], out ReadOnlySpan<byte> data) && taker.TryTake(data))
        {
            return BlockStep.Taken;
        }

        return Judge(_buffer.AsMemory(start, length), default) ? BlockStep.Piece : BlockStep.Stop;
    }

    /// <summary>Reads on.</summary>
    /// <param name="cancellationToken">Ends this read.</param>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        if (Failure is not null)
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

        if (_end > _start && Judge(_buffer.AsMemory(_start, _end - _start), "\n\n"u8)) // KoboldCpp leaves out the last empty line
        {
            _last = Piece;
        }

        if (!_finished && !_ended)
        {
            Failure ??= Lost("The stream ended without its terminal mark: the server or the connection died.");
        }

        _ended = true;
    }

    public void Dispose() => reader.Dispose();

    public ValueTask DisposeAsync() => reader.DisposeAsync();

    private bool Judge(ReadOnlyMemory<byte> piece, ReadOnlySpan<byte> suffix)
    {
        try
        {
            BlockVerdict verdict = block.Judge(piece.Span, out byte[]? mended);
            if (verdict is BlockVerdict.Error or BlockVerdict.Aborted)
            {
                if (_finished)
                {
                    _ended = true; // what goes wrong after the finish reason spoils nothing
                    return false;
                }

                Failure = verdict is BlockVerdict.Error ? fail(block.ErrorBody) : Lost("The server gave up its answer (finish_reason 'error' or 'abort').");
                return false;
            }

            Piece = suffix.IsEmpty ? mended ?? piece : (byte[])[.. (mended ?? piece).Span, .. suffix];
            if (verdict is BlockVerdict.Finished && !_finished)
            {
                (_finished, _finishedAt) = (true, clock.GetTimestamp());
            }

            _ended |= verdict is BlockVerdict.End;
            return true;
        }
        catch (JsonException e)
        {
            _ended = _finished;
            Failure = _finished ? null : Lost("A piece of the stream is malformed or cut: the stream is lost.", e);
            return false;
        }
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
            Failure = new ProviderException(new ProviderFailure(FailureKind.InvalidResponse,
                $"A line of the stream is longer than {options.MaxLine} bytes (MaxLine)."), options.Provider);
            return;
        }

        Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, options.MaxLine));
    }

    private ProviderException Lost(string message, Exception? inner = null) =>
        new(new ProviderFailure(FailureKind.ConnectionLost, message), options.Provider, null, inner);
}
