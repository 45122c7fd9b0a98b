using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace Providers.Mcp.Stdio;

/// <summary>
/// What the transport reads instead of stdin: only whole lines that are JSON objects within the bounds. A line that is not is answered with an
/// error of the protocol and passed over, so that it neither grows memory nor ends the session.
/// </summary>
internal sealed class GuardedInput(PipeReader input, LineWriter answers, int mostBytes) : Stream
{
    private const int MostDepth = 64;
    private readonly LineReader _lines = new(input, mostBytes);
    private ReadOnlyMemory<byte> _line;

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
        while (_line.IsEmpty)
        {
            if (await _lines.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } next)
            {
                return 0;
            }

            if (next.Line is null)
            {
                await AnswerAsync(-32600, $"The message has {next.TooLong} bytes; at most {mostBytes} are allowed.").ConfigureAwait(false);
            }
            else if (!next.Line.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
            {
                await AcceptAsync(next.Line).ConfigureAwait(false);
            }
        }

        int count = Math.Min(buffer.Length, _line.Length);
        _line[..count].CopyTo(buffer);
        _line = _line[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask AcceptAsync(byte[] line)
    {
        (int code, string? wrong) = Check(line);
        if (wrong is null)
        {
            _line = line;
        }
        else
        {
            await AnswerAsync(code, wrong).ConfigureAwait(false);
        }
    }

    private static (int Code, string? Wrong) Check(byte[] line)
    {
        try
        {
            Utf8JsonReader reader = new(line, new JsonReaderOptions { MaxDepth = MostDepth });
            reader.Read();
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                return (-32600, "A message is one JSON object on a line of its own; batches have gone from the protocol.");
            }

            bool text = true;
            while (reader.Read())
            {
                text &= reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || IsUtf8(reader.ValueSpan);
            }

            return text ? default : (-32700, "The message is not UTF-8.");
        }
        catch (JsonException)
        {
            return (-32700, $"The message is no JSON, or nested more than {MostDepth} deep.");
        }
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    private async ValueTask AnswerAsync(int code, string message)
    {
        await answers.WriteAsync(Encoding.UTF8.GetBytes($$$"""{"jsonrpc":"2.0","id":null,"error":{"code":{{{code}}},"message":"{{{message}}}"}}""" + "\n")).ConfigureAwait(false);
        await answers.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
