using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Providers.Mcp.Guard;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps a guarded MCP server.</summary>
public static class McpHttpEndpointExtensions
{
    /// <summary>Maps the server of <c>AddMcpServer().WithGuardedHttpTransport()</c>; with <c>WithBearerTokens</c>, for callers with tokens only.</summary>
    /// <param name="endpoints">The host's endpoints.</param>
    /// <param name="pattern">The path.</param>
    /// <returns>The endpoints, for conventions of the host's own (CORS, rate limits).</returns>
    public static IEndpointConventionBuilder MapGuardedMcp(this IEndpointRouteBuilder endpoints, string pattern = "/mcp")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        HttpGuard guard = endpoints.ServiceProvider.GetRequiredService<HttpGuard>();
        IEndpointConventionBuilder mapped = endpoints.MapMcp(pattern);
        mapped.Add(endpoint =>
        {
            if (endpoint.RequestDelegate is { } next)
            {
                endpoint.RequestDelegate = context => guard.InvokeAsync(context, next);
            }
        });
        return endpoints.ServiceProvider.GetService<TokensWanted>() is null ? mapped : mapped.RequireAuthorization();
    }
}
