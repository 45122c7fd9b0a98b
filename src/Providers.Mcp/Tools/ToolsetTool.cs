using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Mcp.Calls;
using Providers.Mcp.Resources;
using Providers.Tools;

namespace Providers.Mcp.Tools;

/// <summary>Binds one handler of a toolset to the protocol: schema, hints, caller, progress, errors.</summary>
internal sealed class ToolsetTool : McpServerTool
{
    private readonly AIFunction _function;
    private readonly ResourceWatch? _watch;

    /// <param name="function">The handler.</param>
    /// <param name="watch">Who is told when it changed a memory; <see langword="null"/>: nobody.</param>
    public ToolsetTool(AIFunction function, ResourceWatch? watch = null)
    {
        _function = function;
        _watch = ToolHints.Of(function).Scope == "memory:write" ? watch : null;
        ToolHints hints = ToolHints.Of(function);
        ProtocolTool = new Tool
        {
            Name = function.Name,
            Title = hints.Title,
            Description = function.Description,
            InputSchema = function.JsonSchema,
            OutputSchema = function.ReturnJsonSchema,
            Annotations = new ToolAnnotations
            {
                Title = hints.Title,
                ReadOnlyHint = hints.ReadOnly,
                DestructiveHint = hints.Destructive,
                IdempotentHint = hints.Idempotent,
                OpenWorldHint = hints.OpenWorld,
            },
        };
    }

    public override Tool ProtocolTool { get; }

    public override IReadOnlyList<object> Metadata => [];

    public override async ValueTask<CallToolResult> InvokeAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        AIFunctionArguments arguments = new() { Services = request.Services };
        foreach ((string name, JsonElement value) in request.Params?.Arguments ?? new Dictionary<string, JsonElement>())
        {
            arguments[name] = value;
        }

        arguments.SetCaller(CallPipeline.CallerOf(request));
        SessionProgress? progress = request.Params?.ProgressToken is { } token ? new SessionProgress(request.Server, token) : null;
        try
        {
            CallToolResult result = ToolResults.Success(await _function.InvokeAsync(arguments.SetProgress(progress), cancellationToken).ConfigureAwait(false), _function);
            _watch?.Changed(CallPipeline.CallerOf(request).Tenant, result.StructuredContent);
            return result;
        }
        finally
        {
            if (progress is not null)
            {
                await progress.CompleteAsync().ConfigureAwait(false); // none may come after the result
            }
        }
    }
}
