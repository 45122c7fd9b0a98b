using Microsoft.Extensions.AI;

namespace Providers.Tools;

/// <summary>Handlers written once and bound by every door: chat tools, MCP tools, endpoints. Safe for concurrent use.</summary>
/// <remarks>
/// A handler finds its caller in the context of its arguments (<see cref="ToolArgumentsExtensions.GetCaller"/>), never among them; it gives a JSON object
/// that fits its <see cref="AIFunctionDeclaration.ReturnJsonSchema"/>, or throws <see cref="ToolException"/>.
/// </remarks>
public interface IToolset
{
    /// <summary>Gets the name: <c>memory</c>, <c>providers</c>, <c>orchestration</c>, or one of the host's own.</summary>
    string Name { get; }

    /// <summary>Gets the handlers, in an order that does not change.</summary>
    IReadOnlyList<AIFunction> Tools { get; }
}
