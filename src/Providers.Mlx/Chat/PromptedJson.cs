using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>Asks for JSON in words, and checks what comes: an MLX server ignores <c>response_format</c>.</summary>
internal static class PromptedJson
{
    /// <summary>The messages with the instruction at the end of the last one of the user: not every chat template takes a system message.</summary>
    public static IReadOnlyList<ChatMessage> Ask(IReadOnlyList<ChatMessage> messages, ChatResponseFormatJson format)
    {
        int last = messages.Count - 1;
        while (last >= 0 && messages[last].Role != ChatRole.User)
        {
            last--;
        }

        if (last < 0)
        {
            return [.. messages, new ChatMessage(ChatRole.User, Instruction(format))];
        }

        ChatMessage asking = messages[last].Clone();
        asking.Contents = [.. asking.Contents, new TextContent("\n\n" + Instruction(format))];
        return [.. messages.Take(last), asking, .. messages.Skip(last + 1)];
    }

    /// <summary>The JSON of an answer, without the fence models like to put around it.</summary>
    /// <exception cref="InvalidDataException">It is no JSON, or not of the schema; the message says where, not what.</exception>
    public static string Check(string answer, ChatResponseFormatJson format)
    {
        string json = Unfence(answer.Trim());
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            string? error = format.Schema is { } schema ? new JsonSchemaCheck(schema).Error(document.RootElement)
                : document.RootElement.ValueKind is JsonValueKind.Object ? null : "$ is no object";
            return error is null ? json : throw new InvalidDataException($"The answer is JSON but not of the schema that was asked for: {error}.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The answer is not the JSON that was asked for: it breaks at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} of {json.Length} characters.", e);
        }
    }

    private static string Instruction(ChatResponseFormatJson format) => format.Schema is { } schema
        ? $"Answer with one JSON value that is valid against this JSON Schema, and with nothing else, no explanation and no code fence:\n{schema.GetRawText()}"
        : "Answer with one JSON object and with nothing else, no explanation and no code fence.";

    private static string Unfence(string text)
    {
        if (!text.StartsWith("```", StringComparison.Ordinal) || !text.EndsWith("```", StringComparison.Ordinal) || text.IndexOf('\n', StringComparison.Ordinal) is var line && line < 0)
        {
            return text;
        }

        return text[(line + 1)..^3].Trim();
    }
}
