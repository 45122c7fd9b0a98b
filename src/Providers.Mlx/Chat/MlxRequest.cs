using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>A request as the server can serve it: checked, with its model's name on the wire, a limit, and JSON asked for in words.</summary>
internal sealed record MlxRequest(IReadOnlyList<ChatMessage> Messages, ChatOptions Options, ChatResponseFormatJson? Json, string ShownModel)
{
    /// <exception cref="ProviderException">The server could not serve it.</exception>
    public static MlxRequest Prepare(IEnumerable<ChatMessage> messages, ChatOptions? options, MlxPlan plan)
    {
        ArgumentNullException.ThrowIfNull(messages);
        IReadOnlyList<ChatMessage> list = [.. messages];
        string shown = plan.ShownModel(options?.ModelId);
        if (RequestCheck.Failure(list, options, plan.ContextWindow(options?.ModelId)) is { } failure)
        {
            throw new ProviderException(failure, plan.Name, shown);
        }

        ChatResponseFormatJson? json = options?.ResponseFormat as ChatResponseFormatJson;
        if (json is not null && plan.JsonSchema is MlxSchemaMode.Refused)
        {
            throw new ProviderException(new ProviderFailure(FailureKind.BadRequest, "The request asks for JSON, which this server cannot enforce, and JsonSchema is Refused.")
            {
                MissingCapability = ModelCapabilities.JsonSchema,
            }, plan.Name, shown);
        }

        return new MlxRequest(json is null ? list : PromptedJson.Ask(list, json), ForWire(options, plan), json, shown);
    }

    private static ChatOptions ForWire(ChatOptions? options, MlxPlan plan)
    {
        ChatOptions wire = options?.Clone() ?? new ChatOptions();
        wire.ModelId = plan.WireModel(options?.ModelId);
        wire.MaxOutputTokens ??= plan.MaxOutputTokens;
        wire.ResponseFormat = null;
        if (wire.ToolMode is NoneChatToolMode) // the server ignores tool_choice: a model that sees tools may call them
        {
            wire.ToolMode = null;
            wire.Tools = null;
        }

        return wire;
    }
}
