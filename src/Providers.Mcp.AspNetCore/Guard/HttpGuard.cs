using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Providers.Mcp.Guard;

/// <summary>Before anything of a request is read: is it addressed to us, by a page that may, and no larger than allowed?</summary>
internal sealed class HttpGuard(IOptions<McpHttpOptions> options, ILogger<HttpGuard> log)
{
    private readonly McpHttpOptions _options = options.Value;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsOurHost(context.Request.Host) || !IsAllowedOrigin(context.Request.Headers.Origin.ToString()))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "The Host or Origin of the request is not allowed here.").ConfigureAwait(false);
            return;
        }

        if (context.Request.ContentLength > _options.MaxBodyBytes)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"The body may have {_options.MaxBodyBytes} bytes.").ConfigureAwait(false);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = _options.MaxBodyBytes; // holds for bodies without a length, too
        }

        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Exception e) when (!context.Response.HasStarted && HttpFault.IsAnswerable(e, context))
        {
            if (HttpFault.IsCallers(e, context.Request))
            {
                log.NotUnderstood(e);
                await RefuseAsync(context, StatusCodes.Status400BadRequest, "The message was not understood.").ConfigureAwait(false);
                return;
            }

            string reference = Activity.Current?.TraceId.ToString() ?? Guid.CreateVersion7().ToString("N");
            log.Failed(e, reference);
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, $"The message could not be carried out; try again later. The host's log has the cause under {reference}.", -32603).ConfigureAwait(false);
        }
    }

    private bool IsOurHost(HostString host)
    {
        if (_options.AllowedHosts is ["*"])
        {
            return true;
        }

        string name = host.Host; // IPv6 addresses keep their brackets
        return _options.AllowedHosts.Any(allowed => name.Equals(allowed, StringComparison.OrdinalIgnoreCase));
    }

    private bool IsAllowedOrigin(string origin)
    {
        if (origin.Length == 0)
        {
            return true;
        }

        return _options.AllowedOrigins.Count > 0
            ? _options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
            : Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.IsLoopback;
    }

    private static Task RefuseAsync(HttpContext context, int status, string message, int code = -32600)
    {
        context.Response.Clear(); // what the transport meant to answer
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$$"""{"jsonrpc":"2.0","id":null,"error":{"code":{{{code}}},"message":"{{{message}}}"}}""", context.RequestAborted);
    }
}
