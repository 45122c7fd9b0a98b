using ModelContextProtocol.Protocol;
using Providers.Mcp.Tools;
using Providers.Tools;

namespace Providers.Mcp.Prompts;

/// <summary>What is remembered of a topic.</summary>
internal sealed class RecallPrompt(ToolIndex tools) : MemoryPrompt(tools, new Prompt
{
    Name = "recall",
    Title = "Recall a topic",
    Description = "Quotes what is remembered of a topic, with its sources.",
    Arguments =
    [
        new PromptArgument { Name = "topic", Description = "What to recall.", Required = true },
        new PromptArgument { Name = "namespace", Description = "Which pot of memories; 'default' when left out.", Required = false },
        new PromptArgument { Name = "tag", Description = "Only memories with this tag.", Required = false },
    ],
})
{
    protected override async ValueTask<string> WriteAsync(Dictionary<string, string> arguments, ToolCaller caller, CancellationToken cancellationToken)
    {
        Dictionary<string, object?> search = new() { ["query"] = arguments["topic"], ["detail"] = "full", ["max_tokens"] = 4_000, ["limit"] = 20, ["namespace"] = arguments.GetValueOrDefault("namespace", "default") };
        if (arguments.TryGetValue("tag", out string? tag))
        {
            search["tags_all"] = new[] { tag };
        }

        System.Text.Json.JsonElement found = await CallAsync("memory_search", caller, search, cancellationToken).ConfigureAwait(false);
        return found.GetProperty("items").GetArrayLength() == 0
            ? $"Nothing is remembered of: {arguments["topic"]}"
            : $"These memories may bear on: {arguments["topic"]}\n\n{Quote(found)}\nUse what is relevant, name the ids you rely on, and say where memories contradict each other.";
    }
}
