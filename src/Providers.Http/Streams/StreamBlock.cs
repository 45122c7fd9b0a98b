using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Providers.Http;

/// <summary>One line of NDJSON, or one server-sent event: cut out of a stream, and judged.</summary>
internal sealed class StreamBlock(bool sse)
{
    private readonly List<JsonEdit> _edits = [];
    private byte[]? _joined;
    private int _dataAt;
    private int _dataAfter; // bytes of the block behind its data

    /// <summary>The JSON, or the text, of the last block that was an error.</summary>
    public string ErrorBody { get; private set; } = "";

    /// <summary>Takes the data out of an event that is nothing but one line of it, in valid UTF-8: what events are, but for a few.</summary>
    public static bool OneLineOfData(ReadOnlySpan<byte> block, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (!block.StartsWith("data: "u8) || !block.EndsWith("\n\n"u8) || !Utf8.IsValid(block))
        {
            return false;
        }

        data = block[6..^2];
        return data.IndexOfAny((byte)'\n', (byte)'\r') < 0;
    }

    /// <summary>Finds the data of the event that was judged last.</summary>
    /// <param name="piece">The event as it is handed out.</param>
    public ReadOnlyMemory<byte> DataIn(ReadOnlyMemory<byte> piece) => _joined ?? (_dataAt < 0 ? default : piece[_dataAt..^_dataAfter].TrimEnd("\r\n"u8));

    /// <summary>Finds the end of the first block.</summary>
    /// <param name="bytes">What was read and not handed out.</param>
    /// <param name="from">Where the last search stopped; set to where the next one goes on.</param>
    /// <returns>The block's length; -1 when it is not complete.</returns>
    public int FindEnd(ReadOnlySpan<byte> bytes, ref int from)
    {
        while (bytes[from..].IndexOf((byte)'\n') is >= 0 and var step)
        {
            int next = from + step + 1;
            if (!sse)
            {
                return next;
            }

            if (next >= bytes.Length || (bytes[next] is (byte)'\r' && next + 1 >= bytes.Length))
            {
                from += step; // whether the next line is empty is not known yet
                return -1;
            }

            if (bytes[next] is (byte)'\n')
            {
                return next + 1;
            }

            if (bytes[next] is (byte)'\r' && bytes[next + 1] is (byte)'\n')
            {
                return next + 2;
            }

            from = next;
        }

        from = bytes.Length;
        return -1;
    }

    /// <summary>Judges a block.</summary>
    /// <param name="block">The block with its line ends.</param>
    /// <param name="mended">What to hand out in its place; <see langword="null"/>: the block itself.</param>
    /// <exception cref="JsonException">The block is malformed.</exception>
    public BlockVerdict Judge(ReadOnlySpan<byte> block, out byte[]? mended)
    {
        mended = null;
        if (!Utf8.IsValid(block))
        {
            throw new JsonException("The text is not UTF-8.");
        }

        return sse ? JudgeEvent(block, ref mended) : JudgeLine(block, ref mended);
    }

    private BlockVerdict JudgeLine(ReadOnlySpan<byte> line, ref byte[]? mended)
    {
        ReadOnlySpan<byte> json = line.Trim(" \r\n\t"u8);
        if (json.IsEmpty)
        {
            mended = []; // OllamaSharp takes an empty line for a document
            return BlockVerdict.Pass;
        }

        return JudgeJson(json, line, line.IndexOf(json[0]), ref mended);
    }

    private BlockVerdict JudgeEvent(ReadOnlySpan<byte> block, ref byte[]? mended)
    {
        ReadOnlySpan<byte> data = default;
        byte[]? joined = null;
        int dataAt = 0, at = block.StartsWith("\uFEFF"u8) ? 3 : 0; // a mark of byte order before the first event
        bool failed = false, any = false;
        (_joined, _dataAt) = (null, -1);
        while (at < block.Length)
        {
            int end = block[at..].IndexOf((byte)'\n') is >= 0 and var step ? at + step + 1 : block.Length;
            ReadOnlySpan<byte> line = block[at..end].TrimEnd("\r\n"u8);
            if (line.StartsWith("data:"u8))
            {
                int skip = line.Length > 5 && line[5] is (byte)' ' ? 6 : 5;
                joined = any ? [.. joined ?? data, (byte)'\n', .. line[skip..]] : null;
                data = line[skip..];
                dataAt = at + skip;
                any = true;
            }
            else if (line.StartsWith("error:"u8))
            {
                data = line[6..]; // llama-server before 2025
                failed = true;
            }
            else if (line.StartsWith("event:"u8))
            {
                failed |= line[6..].Trim((byte)' ').SequenceEqual("error"u8);
            }

            at = end;
        }

        if (failed)
        {
            ErrorBody = Encoding.UTF8.GetString(joined ?? data);
            return BlockVerdict.Error;
        }

        if (any)
        {
            (_joined, _dataAt, _dataAfter) = (joined, dataAt, block.Length - dataAt - data.Length);
        }

        ReadOnlySpan<byte> text = (joined ?? data).Trim(" \t\r\n"u8);
        return text.IsEmpty ? BlockVerdict.Pass
            : text.SequenceEqual("[DONE]"u8) ? BlockVerdict.End
            : joined is not null ? JudgeJoined(text)
            : JudgeJson(data, block, dataAt, ref mended);
    }

    private BlockVerdict JudgeJoined(ReadOnlySpan<byte> json)
    {
        byte[]? unused = null;
        return JudgeJson(json, json, 0, ref unused);
    }

    private BlockVerdict JudgeJson(ReadOnlySpan<byte> json, ReadOnlySpan<byte> block, int offset, ref byte[]? mended)
    {
        _edits.Clear();
        BlockVerdict verdict = JsonWatch.Look(json, _edits);
        if (verdict is BlockVerdict.Error)
        {
            ErrorBody = Encoding.UTF8.GetString(json);
        }
        else if (_edits.Count > 0)
        {
            mended = JsonEdit.Apply(block, offset, _edits);
        }

        return verdict;
    }
}
