using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Errors;

namespace Providers.AspNetCore.Hosting;

/// <summary>Gives a body to what routing and server refuse under our paths: no such route, no such method, an unreadable request.</summary>
internal sealed class LeftoverErrors : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static (http, rest) => InvokeAsync(http, rest));
        next(app);
    };

    private static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        HttpResponse response = http.Response;
        if (IsAmbiguous(http.Request))
        {
            response.Headers.Connection = "close"; // whatever follows on this connection may be part of the trick
            await ErrorWriter.WriteAsync(http, new ApiError("invalid_request", "The request gives the length of its body in two ways."), StyleOf(http.Request.Path)).ConfigureAwait(false);
            return;
        }

        await next(http).ConfigureAwait(false);
        if (response.StatusCode < 400 || response.HasStarted || response.ContentLength is not null || response.ContentType is not null || !IsOurs(http.Request.Path))
        {
            return;
        }

        string code = ErrorCatalogue.CodeOf(response.StatusCode);
        ApiError error = new(code, code switch
        {
            "not_found" => "There is no such resource.",
            "method_not_allowed" => $"This resource does not know {(http.Request.Method.Length <= 16 ? http.Request.Method : "this method")}.",
            _ => ErrorCatalogue.Get(code).Title + ".",
        });
        await ErrorWriter.WriteAsync(http, error, StyleOf(http.Request.Path)).ConfigureAwait(false);
    }

    /// <summary>Kestrel lets Transfer-Encoding win over Content-Length, and moves the latter here; proxies before it may have read it the other way.</summary>
    private static bool IsAmbiguous(HttpRequest request) =>
        request.Headers.TransferEncoding.Count > 0 && (request.Headers.ContainsKey("X-Content-Length") || request.ContentLength is not null);

    private static bool IsOurs(PathString path) =>
        path.StartsWithSegments("/v1") || path.StartsWithSegments("/health") || path.StartsWithSegments("/openapi") || path.StartsWithSegments("/problems") || path.StartsWithSegments("/status");

    private static ErrorStyle StyleOf(PathString path) =>
        path.StartsWithSegments("/v1/chat") || path.StartsWithSegments("/v1/embeddings") || path.StartsWithSegments("/v1/models") ? ErrorStyle.OpenAI : ErrorStyle.Problem;
}
