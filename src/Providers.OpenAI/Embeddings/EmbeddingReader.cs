using System.Buffers.Binary;
using System.Text.Json;

namespace Providers.OpenAI;

/// <summary>Reads an answer of <c>/embeddings</c> without building a document: vectors as numbers or as base64 of little-endian floats.</summary>
internal static class EmbeddingReader
{
    /// <exception cref="InvalidDataException">The answer is not what was asked for; the message has the numbers.</exception>
    public static EmbeddingAnswer Read(ReadOnlySpan<byte> json, int count)
    {
        try
        {
            Utf8JsonReader reader = new(json);
            return Read(ref reader, count);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException("The server's answer is not a list of embeddings in JSON.", e);
        }
    }

    private static EmbeddingAnswer Read(ref Utf8JsonReader reader, int count)
    {
        List<(int, float[])>? items = null;
        string? model = null;
        long? input = null;
        long? total = null;
        Enter(ref reader, JsonTokenType.StartObject);
        while (NextProperty(ref reader))
        {
            if (reader.ValueTextEquals("data"u8))
            {
                items = ReadItems(ref reader, count);
            }
            else if (reader.ValueTextEquals("model"u8))
            {
                reader.Read();
                model = reader.TokenType is JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                (input, total) = ReadUsage(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return items is null
            ? throw new InvalidDataException("The server's answer has no list of embeddings.")
            : new EmbeddingAnswer(EmbeddingAnswer.Place(items, count), model, input, total);
    }

    private static List<(int, float[])> ReadItems(ref Utf8JsonReader reader, int count)
    {
        List<(int, float[])> items = new(count);
        Enter(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType is JsonTokenType.StartObject)
        {
            int index = -1;
            float[] vector = [];
            while (NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("index"u8))
                {
                    reader.Read();
                    index = reader.GetInt32();
                }
                else if (reader.ValueTextEquals("embedding"u8))
                {
                    vector = ReadVector(ref reader);
                }
                else
                {
                    SkipValue(ref reader);
                }
            }

            items.Add((index, vector));
        }

        return items;
    }

    private static float[] ReadVector(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.String)
        {
            return FromBytes(reader.GetBytesFromBase64());
        }

        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            throw new InvalidDataException($"An embedding must be an array of numbers or base64, but the server sent {reader.TokenType}.");
        }

        List<float> values = new(1_024);
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            values.Add(reader.GetSingle());
        }

        return [.. values];
    }

    private static float[] FromBytes(byte[] bytes)
    {
        if (bytes.Length % sizeof(float) is not 0)
        {
            throw new InvalidDataException($"The server sent an embedding of {bytes.Length} bytes, which is not a whole number of floats.");
        }

        float[] vector = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        }

        return vector;
    }

    private static (long? Input, long? Total) ReadUsage(ref Utf8JsonReader reader)
    {
        long? input = null;
        long? total = null;
        reader.Read();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return (null, null);
        }

        while (NextProperty(ref reader))
        {
            bool isInput = reader.ValueTextEquals("prompt_tokens"u8);
            bool isTotal = reader.ValueTextEquals("total_tokens"u8);
            reader.Read();
            long? number = reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out long value) ? value : null;
            input = isInput ? number : input;
            total = isTotal ? number : total;
            reader.Skip();
        }

        return (input, total);
    }

    private static void Enter(ref Utf8JsonReader reader, JsonTokenType expected)
    {
        if (!reader.Read() || reader.TokenType != expected)
        {
            throw new InvalidDataException("The server's answer is not a list of embeddings in JSON.");
        }
    }

    private static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType is JsonTokenType.PropertyName;

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
