namespace Providers.Memory;

/// <summary>Reads lines of bounded length from a stream of any length, in bounded memory.</summary>
internal sealed class LineReader(Stream source, int longest)
{
    private byte[] _buffer = new byte[65_536];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Gets the line read last, without its end; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Gets whether the line read last was longer than allowed; it is empty then.</summary>
    public bool TooLong { get; private set; }

    public long Number { get; private set; }

    /// <returns>Whether there was a line.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        TooLong = false;
        while (true)
        {
            int at = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (at >= 0 || (_ended && (_end > _start || TooLong)))
            {
                int length = at >= 0 ? at : _end - _start;
                Take(length);
                _start += at >= 0 ? length + 1 : length;
                return true;
            }

            if (_ended)
            {
                return false;
            }

            if (_end - _start > longest)
            {
                (TooLong, _start, _end) = (true, 0, 0); // the rest of it is read and dropped
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Take(int length)
    {
        Number++;
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
        line = Number == 1 && line.Span.StartsWith("\uFEFF"u8) ? line[3..] : line;
        line = line.Span is [.., (byte)'\r'] ? line[..^1] : line;
        TooLong |= line.Length > longest;
        Line = TooLong ? default : line;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = await source.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        _ended = read == 0;
    }
}
