using System.Buffers;
using System.IO.Pipelines;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.Memories;

/// <summary>Reads a body line by line, each into rented memory, none longer than allowed.</summary>
internal sealed class LineReader(PipeReader reader, int longest)
{
    /// <summary>Gets the number of the line that was read last, or is being read, from 1.</summary>
    public long Number { get; private set; }

    /// <returns>The line without its end, to be disposed; <see langword="null"/> at the end of the body.</returns>
    public async ValueTask<PooledBuffer?> ReadAsync(CancellationToken cancellationToken)
    {
        Number++;
        PooledBuffer line = new(4096);
        try
        {
            while (true)
            {
                ReadResult read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                ReadOnlySequence<byte> data = read.Buffer;
                SequencePosition? end = data.PositionOf((byte)'\n');
                ReadOnlySequence<byte> part = end is { } at ? data.Slice(0, at) : data;
                if (line.WrittenCount + part.Length > longest)
                {
                    reader.AdvanceTo(data.Start);
                    throw new ApiException("body_too_large", $"The line is longer than the {longest} bytes allowed.");
                }

                foreach (ReadOnlyMemory<byte> segment in part)
                {
                    line.Write(segment.Span);
                }

                reader.AdvanceTo(end is { } mark ? data.GetPosition(1, mark) : data.End);
                if (end is not null)
                {
                    return line;
                }

                if (read.IsCompleted)
                {
                    if (line.WrittenCount > 0)
                    {
                        return line;
                    }

                    Number--;
                    line.Dispose();
                    return null;
                }
            }
        }
        catch (InvalidDataException e)
        {
            line.Dispose();
            throw new ApiException(new ApiError("invalid_request", "The body is not packed as its Content-Encoding says."), e);
        }
        catch
        {
            line.Dispose();
            throw;
        }
    }
}
