using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.OpenAI;

/// <summary>Makes tools that are declared and never run here: the caller runs them.</summary>
internal static class ToolReader
{
    private const int MostTools = 128;
    private static readonly JsonElement s_noParameters = JsonDocument.Parse("""{"type":"object","properties":{}}""").RootElement;

    public static void Read(ChatCompletionRequest request, ChatOptions options)
    {
        if (request.Tools is { Count: > 0 } tools)
        {
            if (tools.Count > MostTools)
            {
                throw new ApiException("invalid_request", $"tools holds {tools.Count} tools; at most {MostTools} are allowed.", "tools");
            }

            options.Tools = new List<AITool>(tools.Count);
            for (int i = 0; i < tools.Count; i++)
            {
                options.Tools.Add(Tool(tools[i], i));
            }

            options.AllowMultipleToolCalls = request.ParallelToolCalls;
        }

        options.ToolMode = request.ToolChoice is { } choice ? ModeOf(choice) : null;
    }

    private static DeclaredFunction Tool(WireTool? tool, int index)
    {
        if (tool is not { Type: "function", Function: { Name: { Length: > 0 } } function })
        {
            throw new ApiException("invalid_request", "A tool must be of type function and have a function with a name.", $"tools[{index}]");
        }

        if (function.Parameters is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            throw new ApiException("invalid_request", "A function's parameters must be a JSON schema that is an object.", $"tools[{index}].function.parameters");
        }

        return new DeclaredFunction(function, function.Parameters is { ValueKind: JsonValueKind.Object } schema ? schema : s_noParameters);
    }

    private static ChatToolMode ModeOf(JsonElement choice) => choice.ValueKind switch
    {
        JsonValueKind.String when choice.ValueEquals("auto"u8) => ChatToolMode.Auto,
        JsonValueKind.String when choice.ValueEquals("none"u8) => ChatToolMode.None,
        JsonValueKind.String when choice.ValueEquals("required"u8) => ChatToolMode.RequireAny,
        JsonValueKind.Object when choice.TryGetProperty("function"u8, out JsonElement function) && function.ValueKind is JsonValueKind.Object
            && function.TryGetProperty("name"u8, out JsonElement name) && name.ValueKind is JsonValueKind.String && name.GetString() is { Length: > 0 } named
            => ChatToolMode.RequireSpecific(named),
        _ => throw new ApiException("invalid_request", "tool_choice must be auto, none, required, or name a function.", "tool_choice"),
    };

    /// <summary>A function that is declared, with whether its schema binds where the adapter looks for it.</summary>
    private sealed class DeclaredFunction(WireFunction function, JsonElement schema) : AIFunctionDeclaration
    {
        private static readonly Dictionary<string, object?> s_nothing = [];

        public override string Name => function.Name!;

        public override string Description => function.Description ?? "";

        public override JsonElement JsonSchema => schema;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = function.Strict is { } strict ? new Dictionary<string, object?> { ["strict"] = strict } : s_nothing;
    }
}
