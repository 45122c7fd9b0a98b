using System.Buffers;
using System.Text.Json;

namespace Providers.OpenAI;

/// <summary>What one chunk or answer says: whether it is an error, whether it ends the answer, and its text as the SDK can read it.</summary>
internal readonly record struct ChunkReading(bool IsError, bool Finishes, byte[]? Rewritten)
{
    /// <summary>Reads one JSON object of the protocol.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static ChunkReading Read(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        if (root.ValueKind is not JsonValueKind.Object)
        {
            return default;
        }

        if (root.TryGetProperty("error", out JsonElement error) && error.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
        {
            return new ChunkReading(IsError: true, Finishes: false, null);
        }

        if (!root.TryGetProperty("choices", out JsonElement choices) || choices.ValueKind is not JsonValueKind.Array)
        {
            return default;
        }

        bool finishes = false;
        bool rewrites = false;
        foreach (JsonElement choice in choices.EnumerateArray().Where(static c => c.ValueKind is JsonValueKind.Object))
        {
            bool named = choice.TryGetProperty("finish_reason", out JsonElement reason) && reason.ValueKind is JsonValueKind.String;
            finishes |= named && !IsWordNull(reason);
            rewrites |= (named && IsWordNull(reason)) || HasReasoning(choice, "delta") || HasReasoning(choice, "message");
        }

        return new ChunkReading(IsError: false, finishes, rewrites ? Rewrite(root) : null);
    }

    /// <summary>KoboldCpp says the word "null" where it means nothing.</summary>
    private static bool IsWordNull(JsonElement reason) => reason.ValueEquals("null"u8) || reason.ValueEquals(""u8);

    /// <summary>mlx_lm, Ollama, newer vLLM and Groq call it <c>reasoning</c>; the SDK reads <c>reasoning_content</c> only.</summary>
    private static bool HasReasoning(JsonElement choice, string part) =>
        choice.TryGetProperty(part, out JsonElement delta) && delta.ValueKind is JsonValueKind.Object
        && delta.TryGetProperty("reasoning", out JsonElement text) && text.ValueKind is JsonValueKind.String && !delta.TryGetProperty("reasoning_content", out _);

    private static byte[] Rewrite(JsonElement root)
    {
        ArrayBufferWriter<byte> buffer = new(1_024);
        using (Utf8JsonWriter writer = new(buffer))
        {
            Write(writer, root, depth: 0);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element, int depth)
    {
        if (depth > 3 || element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            element.WriteTo(writer);
            return;
        }

        if (element.ValueKind is JsonValueKind.Array)
        {
            writer.WriteStartArray();
            foreach (JsonElement item in element.EnumerateArray())
            {
                Write(writer, item, depth + 1);
            }

            writer.WriteEndArray();
            return;
        }

        writer.WriteStartObject();
        foreach (JsonProperty property in element.EnumerateObject())
        {
            bool renamed = depth is 3 && property.NameEquals("reasoning"u8) && !element.TryGetProperty("reasoning_content", out _);
            writer.WritePropertyName(renamed ? "reasoning_content" : property.Name);
            if (depth is 2 && property.NameEquals("finish_reason"u8) && property.Value.ValueKind is JsonValueKind.String && IsWordNull(property.Value))
            {
                writer.WriteNullValue();
            }
            else
            {
                Write(writer, property.Value, depth + 1);
            }
        }

        writer.WriteEndObject();
    }
}
