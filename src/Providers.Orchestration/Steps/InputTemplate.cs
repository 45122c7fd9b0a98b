using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>Fills the outputs of other steps into an input: <c>{{step}}</c> in any of its strings. What is filled in is never looked at again.</summary>
internal static class InputTemplate
{
    public const string Context = "context";

    public static JsonElement? Fill(JsonElement? input, Func<string, JsonElement?> find)
    {
        if (input is not { } template)
        {
            return null;
        }

        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            Write(writer, template, find);
        }

        Utf8JsonReader reader = new(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>The names a template asks for.</summary>
    public static IReadOnlySet<string> NamesIn(JsonElement? input)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        Fill(input, name =>
        {
            names.Add(name);
            return null;
        });
        return names;
    }

    /// <summary>An output as text: a string as it is, an object's <c>text</c> where it has one, anything else as JSON.</summary>
    public static string TextOf(JsonElement value) => value switch
    {
        { ValueKind: JsonValueKind.String } => value.GetString()!,
        { ValueKind: JsonValueKind.Object } when value.TryGetProperty("text", out JsonElement text) && text.ValueKind is JsonValueKind.String => text.GetString()!,
        _ => value.GetRawText(),
    };

    private static void Write(Utf8JsonWriter writer, JsonElement value, Func<string, JsonElement?> find)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                writer.WriteStringValue(Expand(value.GetString()!, find));
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value, find);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonElement item in value.EnumerateArray())
                {
                    Write(writer, item, find);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static string Expand(string text, Func<string, JsonElement?> find)
    {
        StringBuilder? result = null;
        int from = 0;
        while (text.IndexOf("{{", from, StringComparison.Ordinal) is >= 0 and int open && text.IndexOf("}}", open, StringComparison.Ordinal) is >= 0 and int close)
        {
            result ??= new StringBuilder(text.Length);
            string name = text[(open + 2)..close].Trim();
            result.Append(text, from, open - from).Append(find(name) is { } value ? TextOf(value) : text[open..(close + 2)]);
            from = close + 2;
        }

        return result is null ? text : result.Append(text, from, text.Length - from).ToString();
    }
}
