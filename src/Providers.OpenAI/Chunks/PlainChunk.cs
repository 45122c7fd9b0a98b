using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.OpenAI;

/// <summary>One chunk that has nothing in it but what nearly all have: a piece of text, who speaks, why it ends, what was used.</summary>
internal struct PlainChunk
{
    private readonly PlainChunks _stream;
    private bool _said, _id, _model, _created;

    private PlainChunk(PlainChunks stream) => _stream = stream;

    public bool Assistant { get; private set; }

    /// <summary>Gets the text; <see langword="null"/>: none. An empty one is one too.</summary>
    public string? Text { get; private set; }

    /// <summary>Gets where the text is among the bytes, without its quotes.</summary>
    public Range TextAt { get; private set; }

    public ChatFinishReason? Finish { get; private set; }

    public UsageDetails? Usage { get; private set; }

    /// <summary>Gets a value indicating whether the chunk has a choice.</summary>
    public bool HasChoice { get; private set; }

    /// <summary>Reads a chunk of a stream.</summary>
    /// <returns><see langword="false"/>: it has something else in it, or is not as it should be.</returns>
    public static bool TryRead(ReadOnlySpan<byte> json, PlainChunks stream, out PlainChunk chunk)
    {
        chunk = new PlainChunk(stream);
        try
        {
            Utf8JsonReader reader = new(json);
            return reader.Read() && reader.TokenType is JsonTokenType.StartObject && chunk.TryRead(ref reader) && !reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false; // the SDK says what is wrong with it
        }
    }

    private bool TryRead(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            bool known;
            if (reader.ValueTextEquals("choices"u8))
            {
                known = !_said && TryChoices(ref reader);
                _said = true;
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                known = _id = _stream.IsId(ref reader);
            }
            else if (reader.ValueTextEquals("model"u8))
            {
                known = _model = _stream.IsModel(ref reader);
            }
            else if (reader.ValueTextEquals("created"u8))
            {
                known = _created = _stream.IsCreated(ref reader);
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                known = PlainUsage.TryRead(ref reader, out UsageDetails? usage);
                Usage = usage;
            }
            else
            {
                known = reader.ValueTextEquals("object"u8) ? PlainJson.Says(ref reader, "chat.completion.chunk"u8) : PlainJson.IsOfNoAccount(ref reader);
            }

            if (!known)
            {
                return false;
            }
        }

        return _said && _id && _model && _created;
    }

    /// <summary>No choice, or one, the first.</summary>
    private bool TryChoices(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartArray || !reader.Read())
        {
            return false;
        }

        if (reader.TokenType is JsonTokenType.EndArray)
        {
            return true;
        }

        HasChoice = true;
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            bool known;
            if (reader.ValueTextEquals("delta"u8))
            {
                known = TryDelta(ref reader);
            }
            else if (reader.ValueTextEquals("finish_reason"u8))
            {
                known = PlainJson.TryFinish(ref reader, out ChatFinishReason? finish);
                Finish = finish;
            }
            else
            {
                known = reader.ValueTextEquals("index"u8) ? PlainJson.IsZero(ref reader) : PlainJson.IsNull(ref reader);
            }

            if (!known)
            {
                return false;
            }
        }

        return reader.Read() && reader.TokenType is JsonTokenType.EndArray;
    }

    private bool TryDelta(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("content"u8))
            {
                reader.Read();
                if (reader.TokenType is JsonTokenType.String)
                {
                    int start = (int)reader.TokenStartIndex + 1;
                    TextAt = start..(start + reader.ValueSpan.Length);
                    Text = reader.GetString();
                }
                else if (reader.TokenType is not JsonTokenType.Null)
                {
                    return false;
                }
            }
            else if (reader.ValueTextEquals("role"u8))
            {
                Assistant = PlainJson.Says(ref reader, "assistant"u8);
                if (!Assistant)
                {
                    return false;
                }
            }
            else if (!PlainJson.IsNull(ref reader))
            {
                return false;
            }
        }

        return true;
    }
}
