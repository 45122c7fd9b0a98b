using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Mcp.Calls;
using Providers.Mcp.Resources;
using Providers.Memory;
using Providers.Tools;

namespace Providers.Mcp.Completions;

/// <summary>Completes arguments of prompts and templates by their names: the caller's namespaces and tags, the host's routes and models.</summary>
internal sealed class CompletionSource(IMemoryService? memory, IProviderCatalog? catalog)
{
    private const int Most = 100;

    public void Attach(McpServerHandlers handlers)
    {
        McpRequestHandler<CompleteRequestParams, CompleteResult>? others = handlers.CompleteHandler;
        handlers.CompleteHandler = async (request, cancellationToken) =>
        {
            ToolCaller caller = CallPipeline.CallerOf(request);
            string typed = request.Params?.Argument.Value ?? "";
            IEnumerable<string>? found = request.Params?.Argument.Name switch
            {
                "tag" or "tags" when memory is not null => !caller.May(Namespaces.Scope) ? [] : await TagsAsync(request, memory, cancellationToken).ConfigureAwait(false),
                "namespace" when memory is not null => !caller.May(Namespaces.Scope) ? [] : await Namespaces.OfAsync(memory, caller.Tenant, typed, Most + 1, cancellationToken).ConfigureAwait(false),
                "route" or "model" when catalog is not null => caller.May("provider:read") ? Routes(catalog) : [],
                _ => null,
            };
            if (found is null)
            {
                return others is null ? new CompleteResult() : await others(request, cancellationToken).ConfigureAwait(false);
            }

            string[] fitting = [.. found.Where(f => f.StartsWith(typed, StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal)];
            return new CompleteResult { Completion = new Completion { Values = [.. fitting.Take(Most)], Total = fitting.Length, HasMore = fitting.Length > Most } };
        };
    }

    private static async ValueTask<IEnumerable<string>> TagsAsync(RequestContext<CompleteRequestParams> request, IMemoryService memory, CancellationToken cancellationToken)
    {
        string? name = null;
        request.Params?.Context?.Arguments?.TryGetValue("namespace", out name);
        MemoryScope scope = new(CallPipeline.CallerOf(request).Tenant, string.IsNullOrEmpty(name) ? "default" : name);
        return await memory.Store.ListTagsAsync(scope, request.Params!.Argument.Value, Most, cancellationToken).ConfigureAwait(false);
    }

    private static IEnumerable<string> Routes(IProviderCatalog catalog) =>
        catalog.GetRoutes().Select(static r => r.Name).Concat(catalog.GetProviders().SelectMany(static p => p.Descriptor.Models, static (p, m) => $"{p.Descriptor.Name}/{m.Id}"));
}
