using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Auth;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Health;
using Providers.AspNetCore.Limits;

namespace Providers.AspNetCore.Pipeline;

/// <summary>The way in to one operation: shed, identify, authorise, count, serve, and say in the operation's own style what went wrong.</summary>
internal sealed class Door(Operation operation, GatewayServices services)
{
    private static readonly ApiError s_full = new("overloaded", "Too many requests are being worked on.") { RetryAfter = TimeSpan.FromSeconds(1) };
    private static readonly ApiError s_leaving = new("draining", "This instance is shutting down and takes no more requests. Repeat the request; another one answers.") { RetryAfter = TimeSpan.FromSeconds(1) };
    private static readonly ApiError s_nobody = new("invalid_api_key", "No valid credentials came with the request. Send 'Authorization: Bearer' with an API key or token.");

    public async Task InvokeAsync(HttpContext http)
    {
        Exchange exchange = new(http, operation, services);
        DrainState drain = services.Drain;
        drain.Enter();
        try
        {
            if (drain.IsDraining)
            {
                http.Response.Headers.Connection = "close"; // the next request goes to an instance that stays
            }

            if (drain.IsClosed && operation.Limited)
            {
                GatewayMetrics.Refused(s_leaving.Code);
                await ErrorWriter.WriteAsync(http, s_leaving, operation.Errors).ConfigureAwait(false);
            }
            else if (!operation.Limited)
            {
                await ServeAsync(exchange).ConfigureAwait(false);
            }
            else if (services.Admission.TryEnter())
            {
                long started = services.Clock.GetTimestamp();
                try
                {
                    await ServeAsync(exchange).ConfigureAwait(false);
                }
                finally
                {
                    services.Admission.Leave();
                    services.Traffic.Count(services.Clock.GetElapsedTime(started), http.Response.StatusCode >= 500 || exchange.Interrupted, exchange.Attempts);
                }
            }
            else
            {
                GatewayMetrics.Refused("overloaded");
                await ErrorWriter.WriteAsync(http, s_full, operation.Errors).ConfigureAwait(false);
            }
        }
        finally
        {
            drain.Leave();
        }
    }

    /// <summary>Says what an exception means to the client; what only the operator can mend is logged in full.</summary>
    public static ApiError Explain(Exchange exchange, Exception e)
    {
        GatewayServices services = exchange.Services;
        if (services.Drain.Cut.IsCancellationRequested && e is OperationCanceledException && !exchange.Aborted.IsCancellationRequested)
        {
            return new ApiError("draining", "This instance is shutting down; the answer is incomplete. Repeat the request.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        ApiError? error = ErrorMapper.Map(e, exchange.Aborted);
        if (error is null)
        {
            services.Logger.Failed(e, exchange.Operation.Id, Trace.IdOf(exchange.Http));
            return new ApiError("internal_error", "Something failed here. The operator finds the cause under this trace id.");
        }

        if (error.Type.Status >= 500)
        {
            services.Logger.Unserved(e, exchange.Operation.Id, error.Code, Trace.IdOf(exchange.Http));
        }

        return error;
    }

    private async Task ServeAsync(Exchange exchange)
    {
        HttpContext http = exchange.Http;
        TenantCount? place = null;
        try
        {
            ApiError? refused = null;
            if (operation.Scope is not GatewayScopes.None)
            {
                AuthOutcome outcome = await services.Authenticator.AuthenticateAsync(http.Request, http.RequestAborted).ConfigureAwait(false);
                refused = Authorize(outcome);
                exchange.Caller = outcome.Caller ?? Caller.Nobody;
                if (refused is null && operation.Limited)
                {
                    place = services.Admission.TryEnterTenant(exchange.Caller);
                    refused = place is null ? s_full : services.Admission.Count(exchange.Caller, http.Response.Headers);
                }
            }

            if (refused is null)
            {
                await operation.Handler(exchange).ConfigureAwait(false);
            }
            else
            {
                GatewayMetrics.Refused(refused.Code);
                await ErrorWriter.WriteAsync(http, refused, operation.Errors).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            await FailAsync(exchange, e).ConfigureAwait(false);
        }
        finally
        {
            place?.Leave();
        }
    }

    private ApiError? Authorize(AuthOutcome outcome)
    {
        if (outcome.Caller is not { } caller)
        {
            GatewayMetrics.Unauthenticated(outcome.Reason);
            return outcome.Forbidden ? new ApiError("forbidden", "The token must name exactly one tenant.") : s_nobody;
        }

        if (new Memory.MemoryScope(caller.Tenant).IsReserved)
        {
            return new ApiError("forbidden", "The credentials name a tenant that is kept for the server's own records.");
        }

        return (caller.Scopes & (operation.Scope | operation.OrScope)) != 0
            ? null
            : new ApiError("forbidden", $"The scope {string.Join(" or ", ScopeNames.Of(operation.Scope | operation.OrScope))} is needed.");
    }

    private static async Task FailAsync(Exchange exchange, Exception e)
    {
        HttpContext http = exchange.Http;
        ApiError error = Explain(exchange, e);
        if (http.RequestAborted.IsCancellationRequested)
        {
            return; // nobody reads it
        }

        if (http.Response.HasStarted)
        {
            http.Abort(); // half an answer must not look like a whole one
            return;
        }

        http.Response.ContentLength = null;
        await ErrorWriter.WriteAsync(http, error, exchange.Operation.Errors).ConfigureAwait(false);
    }
}
