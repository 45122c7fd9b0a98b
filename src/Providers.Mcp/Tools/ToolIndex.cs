using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.Tools;

namespace Providers.Mcp.Tools;

/// <summary>The handlers by name, for what binds one of them as something else than a tool: resources, prompts.</summary>
internal sealed class ToolIndex(IReadOnlyList<IToolset> toolsets)
{
    private readonly Dictionary<string, AIFunction> _functions = toolsets.SelectMany(static t => t.Tools).DistinctBy(static f => f.Name).ToDictionary(static f => f.Name, StringComparer.Ordinal);

    public bool Has(string toolset) => toolsets.Any(t => t.Name == toolset);

    /// <exception cref="ToolException">The handler refused.</exception>
    public async ValueTask<JsonElement> CallAsync(string name, ToolCaller caller, IDictionary<string, object?> arguments, CancellationToken cancellationToken) =>
        (JsonElement)(await _functions[name].InvokeAsync(new AIFunctionArguments(arguments).SetCaller(caller), cancellationToken).ConfigureAwait(false))!;
}
