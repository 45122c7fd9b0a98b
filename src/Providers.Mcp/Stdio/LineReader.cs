using System.Buffers;
using System.IO.Pipelines;

namespace Providers.Mcp.Stdio;

/// <summary>Reads lines of a bounded length; of a longer one no more than the bound is ever held.</summary>
internal sealed class LineReader(PipeReader reader, int most)
{
    /// <summary>Reads the next line.</summary>
    /// <returns>The line with its end, which the last one gets too; <see langword="null"/>: there is no more. A line that was too long comes as its length alone.</returns>
    public async ValueTask<(byte[]? Line, long TooLong)?> ReadAsync(CancellationToken cancellationToken)
    {
        long dropped = 0;
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                (byte[]?, long) answer = Take(buffer.Slice(0, end), dropped);
                reader.AdvanceTo(buffer.GetPosition(1, end));
                return answer;
            }

            if (result.IsCompleted)
            {
                (byte[]?, long)? last = buffer.IsEmpty && dropped == 0 ? null : Take(buffer, dropped);
                reader.AdvanceTo(buffer.End);
                return last;
            }

            if (dropped > 0 || buffer.Length > most)
            {
                dropped += buffer.Length;
                reader.AdvanceTo(buffer.End);
            }
            else
            {
                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
    }

    private (byte[]? Line, long TooLong) Take(ReadOnlySequence<byte> line, long dropped)
    {
        if (dropped + line.Length > most)
        {
            return (null, dropped + line.Length);
        }

        byte[] taken = new byte[line.Length + 1];
        line.CopyTo(taken);
        taken[^1] = (byte)'\n';
        return (taken, 0);
    }
}
