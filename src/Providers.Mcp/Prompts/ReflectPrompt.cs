using ModelContextProtocol.Protocol;
using Providers.Mcp.Tools;
using Providers.Tools;

namespace Providers.Mcp.Prompts;

/// <summary>Tidies a namespace up.</summary>
internal sealed class ReflectPrompt(ToolIndex tools) : MemoryPrompt(tools, new Prompt
{
    Name = "reflect",
    Title = "Consolidate a namespace",
    Description = "Quotes a namespace's memories and asks for duplicates, contradictions and what is out of date, mended in one transaction.",
    Arguments = [new PromptArgument { Name = "namespace", Description = "Which pot of memories; 'default' when left out.", Required = false }],
})
{
    protected override async ValueTask<string> WriteAsync(Dictionary<string, string> arguments, ToolCaller caller, CancellationToken cancellationToken)
    {
        string name = arguments.GetValueOrDefault("namespace", "default");
        Dictionary<string, object?> list = new() { ["namespace"] = name, ["detail"] = "full", ["limit"] = 100, ["max_tokens"] = 8_000 };
        System.Text.Json.JsonElement page = await CallAsync("memory_list", caller, list, cancellationToken).ConfigureAwait(false);
        string more = page.TryGetProperty("next_cursor", out _) ? "\nThere are more; go on with memory_list where these end." : "";
        return $"""
            Consolidate the memories of namespace '{name}' below. Find those that say the same, that contradict each other, or that are out of date.
            Propose one memory_transaction that merges, mends and deletes them, each with the version shown, and ask before you carry it out.

            {Quote(page)}{more}
            """;
    }
}
