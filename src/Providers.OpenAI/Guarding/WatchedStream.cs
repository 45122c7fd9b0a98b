using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Providers.OpenAI;

/// <summary>
/// An event stream, line by line: passes on what the SDK can read, throws on an error inside the stream, on a chunk that is no JSON, and on an end
/// without a finish reason, which the SDK would take for success.
/// </summary>
internal sealed class WatchedStream(Stream inner, AnswerTimer timer) : Stream
{
    internal const int MaxLine = 8 * 1024 * 1024;

    private readonly byte[] _read = new byte[16 * 1024];
    private readonly ArrayBufferWriter<byte> _line = new(4 * 1024);
    private readonly ArrayBufferWriter<byte> _ready = new(16 * 1024);
    private int _given;
    private bool _finished;
    private bool _errorNext;
    private bool _ended;
    private ProviderException? _failure;

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
        while (_given == _ready.WrittenCount)
        {
            if (_failure is not null)
            {
                throw _failure; // only now: what came before it belongs to the reader
            }

            if (_ended)
            {
                return 0;
            }

            _ready.ResetWrittenCount();
            _given = 0;
            int read = await timer.ReadAsync(inner, _read, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                End();
            }
            else
            {
                Take(_read.AsSpan(0, read));
            }
        }

        int count = Math.Min(buffer.Length, _ready.WrittenCount - _given);
        _ready.WrittenMemory.Slice(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is read asynchronously only.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (_failure is null && bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            _line.Write(bytes[..end]);
            bytes = bytes[(end + 1)..];
            Line();
        }

        _line.Write(bytes);
        if (_line.WrittenCount > MaxLine)
        {
            Fail(FailureKind.InvalidResponse, $"A line of the stream is longer than {MaxLine / 1024 / 1024} MiB.");
        }
    }

    private void End()
    {
        _ended = true;
        if (_line.WrittenCount > 0)
        {
            Line(); // KoboldCpp sends no line end after [DONE]
            _ready.Write("\n"u8);
        }

        if (!_finished)
        {
            Fail(FailureKind.ConnectionLost, "The stream ended without a finish reason: the server broke off its answer.");
        }
    }

    private void Line()
    {
        ReadOnlyMemory<byte> line = _line.WrittenMemory.TrimEnd((byte)'\r');
        byte[]? rewritten = null;
        if (Value(line, "error:"u8) is { Length: > 0 } error)
        {
            FailAs(error);
        }
        else if (Value(line, "event:"u8) is { } name)
        {
            _errorNext = name.Span.SequenceEqual("error"u8);
        }
        else if (Value(line, "data:"u8) is { Length: > 0 } data)
        {
            rewritten = Data(data);
        }

        if (_failure is null)
        {
            _ready.Write(rewritten is null ? default : "data: "u8);
            _ready.Write(rewritten ?? line.Span);
            _ready.Write("\n"u8);
        }

        _line.ResetWrittenCount();
    }

    private byte[]? Data(ReadOnlyMemory<byte> data)
    {
        if (data.Span.SequenceEqual("[DONE]"u8))
        {
            if (!_finished)
            {
                Fail(FailureKind.ConnectionLost, "The stream says it is done but has no finish reason: the server broke off its answer.");
            }

            return null;
        }

        try
        {
            ChunkReading reading = ChunkReading.Read(data);
            if (reading.IsError || _errorNext)
            {
                FailAs(data);
            }

            _finished |= reading.Finishes;
            return reading.Rewritten;
        }
        catch (JsonException) when (_errorNext)
        {
            FailAs(data);
        }
        catch (JsonException)
        {
            Fail(FailureKind.ConnectionLost, "The stream broke: a chunk is no JSON.");
        }

        return null;
    }

    private static ReadOnlyMemory<byte>? Value(ReadOnlyMemory<byte> line, ReadOnlySpan<byte> field) =>
        line.Span.StartsWith(field) ? line[field.Length..].Trim((byte)' ') : default(ReadOnlyMemory<byte>?);

    private void FailAs(ReadOnlyMemory<byte> error) => _failure ??= new ProviderException(ErrorClassifier.ClassifyEvent(Encoding.UTF8.GetString(error.Span)));

    private void Fail(FailureKind kind, string message) => _failure ??= new ProviderException(new ProviderFailure(kind, message));
}
