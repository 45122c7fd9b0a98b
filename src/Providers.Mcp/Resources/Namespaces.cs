using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Mcp.Calls;
using Providers.Memory;
using Providers.Tools;

namespace Providers.Mcp.Resources;

/// <summary>The caller's namespaces: for completion, and listed as resources.</summary>
internal static class Namespaces
{
    /// <summary>What a caller needs to hear of memories at all.</summary>
    public const string Scope = "memory:read";

    private const int MostListed = 200;

    public static async ValueTask<IReadOnlyList<string>> OfAsync(IMemoryService memory, string tenant, string prefix, int most, CancellationToken cancellationToken)
    {
        List<string> names = [];
        await foreach (MemoryScope scope in memory.Store.ListScopesAsync(tenant, prefix, cancellationToken).ConfigureAwait(false))
        {
            names.Add(scope.Namespace);
            if (names.Count == most)
            {
                break;
            }
        }

        return names;
    }

    public static void AttachListing(IMemoryService memory, McpServerHandlers handlers)
    {
        McpRequestHandler<ListResourcesRequestParams, ListResourcesResult>? others = handlers.ListResourcesHandler;
        handlers.ListResourcesHandler = async (request, cancellationToken) =>
        {
            ListResourcesResult result = others is null ? new ListResourcesResult() : await others(request, cancellationToken).ConfigureAwait(false);
            ToolCaller caller = CallPipeline.CallerOf(request);
            foreach (string name in request.Params?.Cursor is null && caller.May(Scope) ? await OfAsync(memory, caller.Tenant, "", MostListed, cancellationToken).ConfigureAwait(false) : [])
            {
                result.Resources.Add(new Resource { Name = name, Uri = MemoryUris.OfNamespace(name), Title = $"Memories in {name}", MimeType = "application/json" });
            }

            return result;
        };
    }
}
