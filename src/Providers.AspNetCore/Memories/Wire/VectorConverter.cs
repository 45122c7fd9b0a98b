using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.AspNetCore.Memories;

/// <summary>Reads a vector as numbers, or as base64 of little-endian 32-bit floats; writes numbers.</summary>
internal sealed class VectorConverter : JsonConverter<float[]>
{
    private const int Most = 65_536; // far above any limit of a store, far below what hurts

    public override float[]? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.String)
        {
            return FromBase64(ref reader);
        }

        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            throw new JsonException("The JSON value could not be converted to a vector.");
        }

        List<float> numbers = [];
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            if (reader.TokenType is not JsonTokenType.Number || numbers.Count == Most)
            {
                throw new JsonException("The JSON value could not be converted to a vector of numbers.");
            }

            numbers.Add(reader.GetSingle());
        }

        return [.. numbers];
    }

    public override void Write(Utf8JsonWriter writer, float[] value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (float number in value)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static float[] FromBase64(ref Utf8JsonReader reader)
    {
        if (!reader.TryGetBytesFromBase64(out byte[]? bytes) || bytes.Length % sizeof(float) != 0 || bytes.Length / sizeof(float) > Most)
        {
            throw new JsonException("The JSON value could not be converted to a vector: it is not base64 of whole 32-bit floats.");
        }

        float[] vector = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        }

        return vector;
    }
}
