using System.Buffers;
using System.IO.Pipelines;

namespace Providers.Mcp.Stdio;

/// <summary>Reads lines of a bounded length; of a longer one no more than the bound is ever held.</summary>
internal sealed class LineReader(Stream input, int most)
{
    private readonly PipeReader _reader = PipeReader.Create(input, new StreamPipeReaderOptions(leaveOpen: true));

    /// <summary>Reads the next line.</summary>
    /// <returns>The line without its end; <see langword="null"/>: there is no more. A line that was too long comes as its length alone.</returns>
    public async ValueTask<(byte[]? Line, long TooLong)?> ReadAsync(CancellationToken cancellationToken)
    {
        long dropped = 0;
        while (true)
        {
            ReadResult result = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                ReadOnlySequence<byte> line = buffer.Slice(0, end);
                (byte[]?, long) answer = dropped + line.Length > most ? (null, dropped + line.Length) : (line.ToArray(), 0);
                _reader.AdvanceTo(buffer.GetPosition(1, end));
                return answer;
            }

            if (result.IsCompleted)
            {
                (byte[]?, long)? last = buffer.IsEmpty && dropped == 0 ? null : dropped + buffer.Length > most ? (null, dropped + buffer.Length) : (buffer.ToArray(), 0);
                _reader.AdvanceTo(buffer.End);
                return last;
            }

            if (dropped > 0 || buffer.Length > most)
            {
                dropped += buffer.Length;
                _reader.AdvanceTo(buffer.End);
            }
            else
            {
                _reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
    }
}
