using System.Text.Json;
using System.Text.Json.Serialization;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.OpenAI;

/// <summary>Reads one text or a list of texts; lists of token numbers belong to one model's tokenizer and cannot go to another target.</summary>
internal sealed class EmbeddingInputConverter : JsonConverter<List<string>>
{
    public override List<string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.String)
        {
            return [reader.GetString()!];
        }

        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            throw new JsonException("The JSON value could not be converted to a text or a list of texts.");
        }

        List<string> texts = [];
        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            texts.Add(reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString()!,
                JsonTokenType.Number or JsonTokenType.StartArray => throw new ApiException("invalid_request", "input holds token numbers; send texts: tokens of one model mean nothing to another.", "input"),
                _ => throw new JsonException("The JSON value could not be converted to a list of texts."),
            });
        }

        return texts;
    }

    public override void Write(Utf8JsonWriter writer, List<string> value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, OpenAIJson.Default.ListString);
}
