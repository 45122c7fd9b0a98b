using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Ollama;

/// <summary>Reads one line of an <c>/api/chat</c> answer into an update.</summary>
/// <param name="fallbackModel">The model, where the line does not name it.</param>
/// <param name="limit">How many tokens were asked for at most; <see langword="null"/>: no limit was set.</param>
internal sealed class ChatLine(string fallbackModel, int? limit)
{
    /// <summary>Marks an answer that ended because the context window was full; <see langword="true"/>.</summary>
    public const string ContextFull = "context_full";

    private readonly string _id = $"ollama-{Guid.NewGuid():N}";
    private bool _called;

    public ChatResponseUpdate Read(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        ChatResponseUpdate update = new()
        {
            Role = ChatRole.Assistant,
            ResponseId = _id,
            MessageId = _id,
            ModelId = root.TryGetProperty("model", out JsonElement model) ? model.GetString() : fallbackModel,
            CreatedAt = root.TryGetProperty("created_at", out JsonElement created) && created.TryGetDateTimeOffset(out DateTimeOffset at) ? at : null,
        };
        if (root.TryGetProperty("message", out JsonElement message))
        {
            ReadMessage(message, update);
        }

        if (root.TryGetProperty("done", out JsonElement done) && done.ValueKind is JsonValueKind.True)
        {
            update.FinishReason = root.TryGetProperty("done_reason", out JsonElement reason) && reason.GetString() is "length" ? ChatFinishReason.Length
                : _called ? ChatFinishReason.ToolCalls
                : ChatFinishReason.Stop;
            update.Contents.Add(new UsageContent(ReadUsage(root)));
            ReadDurations(root, update);
            if (update.FinishReason == ChatFinishReason.Length && (limit is null || Number(root, "eval_count") < limit))
            {
                (update.AdditionalProperties ??= [])[ContextFull] = true; // not the caller's limit ended the answer, but the model's window
            }
        }

        return update;
    }

    private void ReadMessage(JsonElement message, ChatResponseUpdate update)
    {
        if (Text(message, "thinking") is { Length: > 0 } thinking)
        {
            update.Contents.Add(new TextReasoningContent(thinking));
        }

        if (Text(message, "content") is { Length: > 0 } content)
        {
            update.Contents.Add(new TextContent(content));
        }

        if (!message.TryGetProperty("tool_calls", out JsonElement calls) || calls.ValueKind is not JsonValueKind.Array)
        {
            return;
        }

        foreach (JsonElement call in calls.EnumerateArray())
        {
            JsonElement function = call.GetProperty("function");
            Dictionary<string, object?>? arguments = null;
            if (function.TryGetProperty("arguments", out JsonElement given) && given.ValueKind is JsonValueKind.Object)
            {
                arguments = [];
                foreach (JsonProperty argument in given.EnumerateObject())
                {
                    arguments[argument.Name] = argument.Value.Clone(); // of two by one name the last counts
                }
            }

            _called = true;
            string id = Text(call, "id") is { Length: > 0 } own ? own : $"call_{Guid.NewGuid():N}";
            update.Contents.Add(new FunctionCallContent(id, Text(function, "name") ?? "", arguments));
        }
    }

    private static UsageDetails ReadUsage(JsonElement root)
    {
        long input = Number(root, "prompt_eval_count") ?? 0; // left out when the whole prompt was cached
        long output = Number(root, "eval_count") ?? 0;
        return new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output };
    }

    private static void ReadDurations(JsonElement root, ChatResponseUpdate update)
    {
        foreach (string name in (ReadOnlySpan<string>)["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"])
        {
            if (Number(root, name) is { } nanoseconds)
            {
                (update.AdditionalProperties ??= [])[name] = TimeSpan.FromTicks(nanoseconds / 100);
            }
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out long number) ? number : null;
}
