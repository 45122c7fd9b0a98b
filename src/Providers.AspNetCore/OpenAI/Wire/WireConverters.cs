using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.AspNetCore.OpenAI;

/// <summary>Reads content that is a string, a list of parts, or null.</summary>
internal sealed class WireContentConverter : JsonConverter<List<WirePart>>
{
    public override List<WirePart>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => [new WirePart { Type = "text", Text = reader.GetString() }],
        JsonTokenType.StartArray => JsonSerializer.Deserialize(ref reader, OpenAIJson.Default.ListWirePart),
        _ => throw new JsonException("The JSON value could not be converted to text or parts."),
    };

    public override void Write(Utf8JsonWriter writer, List<WirePart> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, OpenAIJson.Default.ListWirePart);
}

/// <summary>Reads one string or a list of them.</summary>
internal sealed class OneOrManyConverter : JsonConverter<List<string>>
{
    public override List<string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => [reader.GetString()!],
        JsonTokenType.StartArray => JsonSerializer.Deserialize(ref reader, OpenAIJson.Default.ListString),
        _ => throw new JsonException("The JSON value could not be converted to a string or a list of strings."),
    };

    public override void Write(Utf8JsonWriter writer, List<string> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, OpenAIJson.Default.ListString);
}
