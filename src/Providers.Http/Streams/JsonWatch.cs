using System.Text.Json;

namespace Providers.Http;

/// <summary>Reads one piece of a stream just far enough to know whether it ends the answer, fails it, or needs mending.</summary>
internal static class JsonWatch
{
    /// <summary>Looks at one JSON document.</summary>
    /// <param name="json">The document, valid UTF-8.</param>
    /// <param name="edits">Receives what must be changed, in order.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static BlockVerdict Look(ReadOnlySpan<byte> json, List<JsonEdit> edits)
    {
        Utf8JsonReader reader = new(json);
        BlockVerdict verdict = BlockVerdict.Pass;
        bool inChoices = false, inMessage = false, hasContent = false;
        int reasoning = -1;
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndObject && inMessage && reader.CurrentDepth is 3)
            {
                if (reasoning >= 0 && !hasContent)
                {
                    edits.Add(new JsonEdit(reasoning, "\"reasoning\"".Length, "\"reasoning_content\"")); // the only spelling the SDK reads
                }

                (inMessage, hasContent, reasoning) = (false, false, -1);
            }

            if (reader.TokenType is not JsonTokenType.PropertyName)
            {
                continue;
            }

            if (reader.CurrentDepth is 1)
            {
                inChoices = reader.ValueTextEquals("choices"u8);
                verdict = Worse(verdict, Top(ref reader));
            }
            else if (inChoices && reader.CurrentDepth is 3)
            {
                inMessage = reader.ValueTextEquals("delta"u8) || reader.ValueTextEquals("message"u8);
                verdict = reader.ValueTextEquals("finish_reason"u8) ? Worse(verdict, Finish(ref reader, edits)) : verdict;
            }
            else if (inMessage && reader.CurrentDepth is 4)
            {
                int name = (int)reader.TokenStartIndex;
                bool other = reader.ValueTextEquals("reasoning_content"u8);
                if (other || reader.ValueTextEquals("reasoning"u8))
                {
                    reader.Read();
                    hasContent |= other;
                    reasoning = !other && reader.TokenType is JsonTokenType.String ? name : reasoning;
                }
            }
        }

        return verdict;
    }

    private static BlockVerdict Top(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("error"u8))
        {
            reader.Read();
            return reader.TokenType is JsonTokenType.Null or JsonTokenType.False ? BlockVerdict.Pass : BlockVerdict.Error;
        }

        if (reader.ValueTextEquals("done"u8))
        {
            reader.Read();
            return reader.TokenType is JsonTokenType.True ? BlockVerdict.End : BlockVerdict.Pass;
        }

        if (reader.ValueTextEquals("object"u8))
        {
            return Says(ref reader, "error"u8) ? BlockVerdict.Error : BlockVerdict.Pass;
        }

        return reader.ValueTextEquals("status"u8) && Says(ref reader, "success"u8) ? BlockVerdict.End : BlockVerdict.Pass; // Ollama's pull
    }

    private static BlockVerdict Finish(ref Utf8JsonReader reader, List<JsonEdit> edits)
    {
        reader.Read();
        if (reader.TokenType is not JsonTokenType.String)
        {
            return BlockVerdict.Pass;
        }

        if (reader.ValueTextEquals("stop"u8) || reader.ValueTextEquals("length"u8) || reader.ValueTextEquals("tool_calls"u8)
            || reader.ValueTextEquals("content_filter"u8) || reader.ValueTextEquals("function_call"u8))
        {
            return BlockVerdict.Finished;
        }

        if (reader.ValueTextEquals("error"u8) || reader.ValueTextEquals("abort"u8))
        {
            return BlockVerdict.Aborted;
        }

        // KoboldCpp says "null" until the end; the SDK throws at every word it does not know.
        bool open = reader.ValueTextEquals("null"u8) || reader.ValueTextEquals(""u8);
        edits.Add(new JsonEdit((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2, open ? "null" : "\"stop\""));
        return open ? BlockVerdict.Pass : BlockVerdict.Finished;
    }

    private static bool Says(ref Utf8JsonReader reader, ReadOnlySpan<byte> word)
    {
        reader.Read();
        return reader.TokenType is JsonTokenType.String && reader.ValueTextEquals(word);
    }

    private static BlockVerdict Worse(BlockVerdict one, BlockVerdict other) => one > other ? one : other;
}
