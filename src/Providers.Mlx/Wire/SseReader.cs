using System.Text;

namespace Providers.Mlx;

/// <summary>The data of a server's events. Every byte, comments included, restarts the deadline; an endless line is refused.</summary>
internal sealed class SseReader(Stream stream, Deadline deadline)
{
    private const int MaxLine = 8 * 1024 * 1024;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private byte[] _buffer = new byte[8 * 1024];
    private int _start;
    private int _end;

    /// <summary>The data of the next event; <see langword="null"/> at the end of the stream, where half a line counts for nothing.</summary>
    /// <exception cref="InvalidDataException">The stream is no text of bounded lines.</exception>
    public async ValueTask<string?> NextAsync()
    {
        StringBuilder? more = null;
        string? data = null;
        while (await LineAsync().ConfigureAwait(false) is { } line)
        {
            if (line.Length is 0)
            {
                if (data is not null)
                {
                    return more?.ToString() ?? data;
                }
            }
            else if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                string value = line.AsSpan(5) is [' ', ..] ? line[6..] : line[5..];
                more = data is null ? null : (more ?? new StringBuilder(data)).Append('\n').Append(value);
                data ??= value;
            }
        }

        return null;
    }

    private async ValueTask<string?> LineAsync()
    {
        int searched = 0;
        while (true)
        {
            int at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                return Take(searched + at);
            }

            searched = _end - _start;
            if (searched > MaxLine)
            {
                throw new InvalidDataException($"The server sent a line longer than {MaxLine / 1024 / 1024} MiB.");
            }

            MakeRoom();
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), deadline.Token).ConfigureAwait(false);
            if (read is 0)
            {
                return null;
            }

            deadline.Restart();
            _end += read;
        }
    }

    private string Take(int length)
    {
        ReadOnlySpan<byte> line = _buffer.AsSpan(_start, length);
        _start += length + 1;
        try
        {
            return Strict.GetString(line.EndsWith("\r"u8) ? line[..^1] : line);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException("The server sent bytes that are not UTF-8.", e);
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }
}
