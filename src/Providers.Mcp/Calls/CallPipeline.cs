using System.Security.Claims;
using Microsoft.Extensions.Options;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Mcp.Tools;
using Providers.Tools;

namespace Providers.Mcp.Calls;

/// <summary>What every call passes, on every transport: who is it, may it call now, is it too large; and the audit of what became of it.</summary>
internal sealed class CallPipeline(IOptions<McpDoorOptions> options, CallerReader callers, SessionGates gates, CallAudit audit)
{
    private const string CallerItem = "providers.caller";

    /// <summary>Gets who calls, as the pipeline found it.</summary>
    public static ToolCaller CallerOf(MessageContext request) => (ToolCaller)request.Items[CallerItem]!;

    /// <summary>Around a tool's call: what is refused is a result the model can read.</summary>
    public McpRequestHandler<CallToolRequestParams, CallToolResult> Tool(McpRequestHandler<CallToolRequestParams, CallToolResult> next) => async (request, cancellationToken) =>
    {
        long started = audit.Now;
        (long bytes, int depth) = ArgumentSize.Of(request.Params?.Arguments);
        ToolCaller? caller = null;
        SessionGate? gate = null;
        string outcome = "failed";
        long bytesOut = 0;
        try
        {
            caller = Identify(request, request.User);
            gate = Enter(request.Server, caller);
            CheckSize(bytes, depth);
            CallToolResult result = await Sampling.CurrentServer.RunAsync(request.Server, () => next(request, cancellationToken)).ConfigureAwait(false);
            outcome = ToolResults.OutcomeOf(result);
            bytesOut = ToolResults.SizeOf(result);
            return result;
        }
        catch (ToolException e)
        {
            outcome = e.CodeName;
            return ToolResults.Error(e);
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
        }
        catch (InputRequiredException)
        {
            outcome = "input_required"; // the client is asked, and calls again with its answers
            throw;
        }
        finally
        {
            gate?.Leave();
            CallMetrics.Answered("tool", request.MatchedPrimitive, outcome, audit.Since(started));
            audit.Write("tool", request.Params?.Name, caller, outcome, bytes, bytesOut, started);
        }
    };

    /// <summary>Around anything else a client asks for: what is refused is a protocol error.</summary>
    public McpRequestHandler<TParams, TResult> Other<TParams, TResult>(string kind, Func<TParams?, string?> target, McpRequestHandler<TParams, TResult> next) => async (request, cancellationToken) =>
    {
        long started = audit.Now;
        ToolCaller? caller = null;
        SessionGate? gate = null;
        string outcome = "failed";
        try
        {
            caller = Identify(request, request.User);
            gate = Enter(request.Server, caller);
            TResult result = await next(request, cancellationToken).ConfigureAwait(false);
            outcome = "ok";
            return result;
        }
        catch (ToolException e)
        {
            outcome = e.CodeName;
            throw ProtocolErrors.Of(e, request.Server);
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
        }
        catch (InputRequiredException)
        {
            outcome = "input_required"; // the client is asked, and calls again with its answers
            throw;
        }
        finally
        {
            gate?.Leave();
            CallMetrics.Answered(kind, null, outcome, audit.Since(started));
            audit.Write(kind, target(request.Params), caller, outcome, 0, 0, started);
        }
    };

    private ToolCaller Identify(MessageContext request, ClaimsPrincipal? user)
    {
        ToolCaller caller = callers.Read(user);
        request.Items[CallerItem] = caller;
        return caller;
    }

    private SessionGate Enter(McpServer server, ToolCaller caller)
    {
        SessionGate gate = gates.Of(server.SessionId ?? $"{caller.Tenant}/{caller.Principal}");
        TimeSpan wait = gate.TryEnter();
        return wait == TimeSpan.Zero
            ? gate
            : throw new ToolException(ToolErrorCode.RateLimited, $"This session may make {options.Value.CallsPerMinute} calls a minute, {options.Value.MaxConcurrentCalls} at a time; try again in {wait.TotalSeconds:F0} s.") { RetryAfter = wait };
    }

    private void CheckSize(long bytes, int depth)
    {
        if (bytes > options.Value.MaxArgumentBytes)
        {
            throw new ToolException(ToolErrorCode.InvalidInput, $"arguments: have {bytes} bytes; at most {options.Value.MaxArgumentBytes} are allowed. Send them in several calls.");
        }

        if (depth > options.Value.MaxArgumentDepth)
        {
            throw new ToolException(ToolErrorCode.InvalidInput, $"arguments: are nested {depth} deep; at most {options.Value.MaxArgumentDepth} is allowed.");
        }
    }
}
