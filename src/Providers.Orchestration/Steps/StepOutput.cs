using System.Buffers;
using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>Writes the output of a handler.</summary>
internal static class StepOutput
{
    public static JsonElement Of(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        Utf8JsonReader reader = new(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }
}
