using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>One event of a streamed answer, or a whole answer, as an update.</summary>
internal static class ChatChunk
{
    private const long LastSecond = 253_402_300_799; // of the year 9999

    /// <exception cref="InvalidDataException">It is no such thing.</exception>
    /// <exception cref="ProviderException">It is an error the server reports inside a success.</exception>
    public static ChatResponseUpdate Read(string json, ToolCallParts calls)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.TryGetProperty("error", out JsonElement error) && error.ValueKind is not JsonValueKind.Null)
            {
                throw new ProviderException(MlxErrorText.ClassifyEvent(json));
            }

            ChatResponseUpdate update = new() { Role = ChatRole.Assistant, ResponseId = Text(root, "id"), MessageId = Text(root, "id") };
            if (root.TryGetProperty("created", out JsonElement created) && created.TryGetInt64(out long seconds) && seconds is >= 0 and <= LastSecond)
            {
                update.CreatedAt = DateTimeOffset.FromUnixTimeSeconds(seconds);
            }

            JsonElement choices = root.GetProperty("choices");
            if (choices.GetArrayLength() > 0)
            {
                ReadChoice(choices[0], update, calls);
            }

            if (root.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind is JsonValueKind.Object)
            {
                update.Contents.Add(new UsageContent(Usage(usage)));
            }

            return update;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"The server sent {json.Length} characters that are no part of a chat answer.", e);
        }
    }

    private static void ReadChoice(JsonElement choice, ChatResponseUpdate update, ToolCallParts calls)
    {
        if (choice.TryGetProperty("delta", out JsonElement delta) || choice.TryGetProperty("message", out delta))
        {
            if ((Text(delta, "reasoning") ?? Text(delta, "reasoning_content")) is { Length: > 0 } reasoning)
            {
                update.Contents.Add(new TextReasoningContent(reasoning));
            }

            if (Text(delta, "content") is { Length: > 0 } content)
            {
                update.Contents.Add(new TextContent(content));
            }

            if (delta.TryGetProperty("tool_calls", out JsonElement parts) && parts.ValueKind is JsonValueKind.Array)
            {
                calls.Add(parts);
            }
        }

        if (Text(choice, "finish_reason") is { Length: > 0 } reason and not "null")
        {
            update.FinishReason = new ChatFinishReason(reason);
            foreach (FunctionCallContent call in calls.Take())
            {
                update.Contents.Add(call);
            }
        }
    }

    private static UsageDetails Usage(JsonElement usage) => new()
    {
        InputTokenCount = Number(usage, "prompt_tokens"),
        OutputTokenCount = Number(usage, "completion_tokens"),
        TotalTokenCount = Number(usage, "total_tokens"),
        CachedInputTokenCount = usage.TryGetProperty("prompt_tokens_details", out JsonElement details) && details.ValueKind is JsonValueKind.Object ? Number(details, "cached_tokens") : null,
    };

    private static long? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out long number) ? number : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
