using System.Buffers;
using System.Text.Json;

namespace Providers.Mlx;

/// <summary>The body of an embedding request. It asks for floats, which every such server sends, and for no dimensions, which most ignore.</summary>
internal static class EmbeddingRequestBody
{
    public static byte[] Write(string model, IReadOnlyList<string> texts, Range range)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            (int offset, int count) = range.GetOffsetAndLength(texts.Count);
            writer.WriteStartObject();
            writer.WriteString("model", model);
            writer.WriteStartArray("input");
            for (int i = offset; i < offset + count; i++)
            {
                writer.WriteStringValue(texts[i]);
            }

            writer.WriteEndArray();
            writer.WriteString("encoding_format", "float");
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
