using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.Tools.Shapes;

namespace Providers.Tools;

/// <summary>Asks a model, streamed underneath, so that the caller sees it move and leaving stops the server's work.</summary>
internal sealed class ChatTool(IChatClient client)
{
    private const int MostCharacters = 200_000;

    public static ToolSpec Spec => new(
        "chat",
        "Asks a language model of this host and gives its whole answer, failing over between providers. It spends the host's money or time and may send the text to another company.",
        new ObjectShape(
            new("prompt", new TextShape { Most = MostCharacters, Description = "What to ask; either this or messages." }),
            new("messages", new ListShape(new ObjectShape(
                new("role", new TextShape { Choices = ["system", "user", "assistant"] }, true),
                new("content", new TextShape { Most = MostCharacters }, true)))
            { Least = 1, Most = 200, Description = "The conversation so far, the question last." }),
            new("route", new TextShape { Most = 256, Description = "A route of this host (list_models); the default one when left out." }),
            new("model", new TextShape { Most = 256, Description = "One model, as provider/model; instead of a route." }),
            new("max_tokens", new NumberShape { Least = 1, Most = 131_072, Whole = true, Description = "The longest answer, in tokens; the model's own limit when left out." }),
            new("temperature", new NumberShape { Least = 0, Most = 2, Description = "How freely it may answer." }),
            new("json_schema", new MapShape { Description = "A JSON Schema that the answer must fit." })),
        ProviderOutputs.Chat,
        new ToolHints { Title = "Ask a model", Scope = "llm:invoke", OpenWorld = true });

    public async ValueTask<JsonElement> RunAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        List<ChatMessage> messages = Messages(request);
        ChatOptions options = new()
        {
            ModelId = request.Text("route") ?? request.Text("model"),
            MaxOutputTokens = request.Long("max_tokens") is { } most ? (int)most : null,
            Temperature = (float?)request.Double("temperature"),
            ResponseFormat = request.Json("json_schema") is { } schema ? ChatResponseFormat.ForJsonSchema(schema) : null,
        };
        List<ChatResponseUpdate> updates = [];
        double characters = 0;
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
            if (request.Progress is { } progress && update.Text is { Length: > 0 } text)
            {
                progress.Report(new ToolProgress(characters += text.Length, null, "characters of the answer so far"));
            }
        }

        ChatResponse response = updates.ToChatResponse();
        return JsonSerializer.SerializeToElement(
            new ChatResult(response.Text, new ServedBy(response.GetProvider(), response.ModelId), response.GetAttempts())
            {
                FinishReason = response.FinishReason?.Value,
                Usage = response.Usage is { } usage ? new UsageItem(usage.InputTokenCount, usage.OutputTokenCount) : null,
            },
            ProviderToolJson.Plain.ChatResult);
    }

    private static List<ChatMessage> Messages(ToolRequest request)
    {
        if (request.Has("prompt") == request.Has("messages"))
        {
            throw new ToolException(ToolErrorCode.InvalidInput, request.Has("prompt") ? "messages: is there beside prompt; give one of them." : "prompt: is missing; give prompt or messages.");
        }

        if (request.Has("route") && request.Has("model"))
        {
            throw new ToolException(ToolErrorCode.InvalidInput, "model: is there beside route; give one of them.");
        }

        return request.Text("prompt") is { } prompt
            ? [new ChatMessage(ChatRole.User, prompt)]
            : [.. request.Json("messages")!.Value.EnumerateArray().Select(static m => new ChatMessage(new ChatRole(m.GetProperty("role").GetString()!), m.GetProperty("content").GetString()))];
    }
}
