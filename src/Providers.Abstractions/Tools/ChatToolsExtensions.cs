using Microsoft.Extensions.AI;

namespace Providers.Tools;

/// <summary>Binds a toolset to a chat pipeline.</summary>
public static class ChatToolsExtensions
{
    /// <summary>Gives the tools to a model on behalf of a caller: only those it may use; a refusal is an answer the model reads, not an exception.</summary>
    /// <param name="toolset">The toolset.</param>
    /// <param name="caller">On whose behalf the model calls.</param>
    /// <returns>The tools, for <see cref="ChatOptions.Tools"/>.</returns>
    public static IReadOnlyList<AITool> ForChat(this IToolset toolset, ToolCaller caller)
    {
        ArgumentNullException.ThrowIfNull(toolset);
        ArgumentNullException.ThrowIfNull(caller);
        return [.. toolset.Tools.Where(t => caller.May(ToolHints.Of(t).Scope)).Select(t => new CallersTool(t, caller))];
    }

    private sealed class CallersTool(AIFunction tool, ToolCaller caller) : DelegatingAIFunction(tool)
    {
        protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            try
            {
                return await InnerFunction.InvokeAsync(arguments.SetCaller(caller), cancellationToken).ConfigureAwait(false);
            }
            catch (ToolException e)
            {
                return $"{e.CodeName}: {e.Message}";
            }
        }
    }
}
