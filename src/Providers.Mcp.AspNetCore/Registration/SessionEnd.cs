using Microsoft.Extensions.Options;
using ModelContextProtocol.AspNetCore;
using Providers.Mcp.Resources;

namespace Providers.Mcp.Registration;

/// <summary>Forgets what a session watched when it ends, whether its client said goodbye or was not heard of any more: it would be kept for as long as nobody changes that.</summary>
internal sealed class SessionEnd(ResourceWatch watch) : IPostConfigureOptions<HttpServerTransportOptions>
{
    public void PostConfigure(string? name, HttpServerTransportOptions options)
    {
#pragma warning disable MCPEXP002 // The only word the SDK has for the end of a session.
        var run = options.RunSessionHandler;
        options.RunSessionHandler = async (context, server, cancellationToken) =>
#pragma warning restore MCPEXP002
        {
            string? session = server.SessionId;
            try
            {
                await (run is null ? server.RunAsync(cancellationToken) : run(context, server, cancellationToken)).ConfigureAwait(false);
            }
            finally
            {
                if (session is not null)
                {
                    watch.Forget(session);
                }
            }
        };
    }
}
