using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Providers.AspNetCore.Admin;
using Providers.AspNetCore.Auth;
using Providers.AspNetCore.Documents;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.Health;

/// <summary>/health/live, /health/ready and /health/startup, for whatever keeps the host running.</summary>
internal sealed class HealthOperations(ReadinessProbe readiness, IHostApplicationLifetime lifetime)
{
    public static IEnumerable<Operation> Create(IServiceProvider services)
    {
        HealthOperations health = ActivatorUtilities.CreateInstance<HealthOperations>(services);
        yield return Of("isLive", "/health/live", health.LiveAsync, "Says whether the process works at all; depends on nothing else.");
        yield return Of("isReady", "/health/ready", health.ReadyAsync, "Says whether requests would be served now; 503 when not.");
        yield return Of("isStarted", "/health/startup", health.StartupAsync, "Says whether the host has started; 503 until then.");
    }

    private static Operation Of(string id, string path, Func<Exchange, Task> handler, string summary) => new(id, "GET", path, GatewayScopes.None, handler)
    {
        Limited = false,
        Docs = new OperationDocs("Health", summary) { Response = AdminJson.Default.HealthView, Also = path == "/health/live" ? [] : [(503, "Not now.")] },
    };

    private Task LiveAsync(Exchange exchange) => SendAsync(exchange, new HealthView("live"), 200);

    private Task StartupAsync(Exchange exchange) => lifetime.ApplicationStarted.IsCancellationRequested
        ? SendAsync(exchange, new HealthView("started"), StatusCodes.Status200OK)
        : SendAsync(exchange, new HealthView("not_ready"), StatusCodes.Status503ServiceUnavailable);

    private async Task ReadyAsync(Exchange exchange)
    {
        HealthView view = await readiness.LookAsync().ConfigureAwait(false);
        int status = view.Status == "not_ready" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        AuthOutcome who = await exchange.Services.Authenticator.AuthenticateAsync(exchange.Request, exchange.Aborted).ConfigureAwait(false);
        await SendAsync(exchange, who.Caller is { IsAdmin: true } ? view : view with { Parts = null }, status).ConfigureAwait(false);
    }

    private static Task SendAsync(Exchange exchange, HealthView view, int status)
    {
        exchange.Response.Headers.CacheControl = "no-store";
        return JsonAnswer.SendAsync(exchange, view, AdminJson.Default.HealthView, status);
    }
}
