using System.Buffers;
using System.Text.Json;

namespace Providers.OpenAI;

/// <summary>Writes a request to <c>/embeddings</c>.</summary>
internal static class EmbeddingRequest
{
    public static byte[] Write(string model, IReadOnlyList<string> texts, int? dimensions, bool base64)
    {
        ArrayBufferWriter<byte> buffer = new(1_024);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, model);
            writer.WriteStartArray("input"u8);
            foreach (string text in texts)
            {
                writer.WriteStringValue(text);
            }

            writer.WriteEndArray();
            if (dimensions is { } length)
            {
                writer.WriteNumber("dimensions"u8, length);
            }

            writer.WriteString("encoding_format"u8, base64 ? "base64"u8 : "float"u8);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
