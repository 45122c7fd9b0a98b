using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Mcp.Calls;
using Providers.Tools;

namespace Providers.Mcp.Resources;

/// <summary>Lets clients watch: address by address in a session, or, from revision 2026-07-28 on, by a request held open.</summary>
internal sealed class Subscriptions(ResourceWatch watch, CallerReader callers)
{
    private const int MostAtOnce = 100;
    private const int Waiting = 256;

    public void Attach(McpServerHandlers handlers)
    {
        McpRequestHandler<SubscribeRequestParams, EmptyResult>? subscribe = handlers.SubscribeToResourcesHandler;
        McpRequestHandler<UnsubscribeRequestParams, EmptyResult>? unsubscribe = handlers.UnsubscribeFromResourcesHandler;
        handlers.SubscribeToResourcesHandler = async (request, cancellationToken) =>
        {
            if (request.Params?.Uri is { } uri && ResourceWatch.IsWatchable(uri))
            {
                ToolCaller caller = CallPipeline.CallerOf(request);
                if (!caller.May(Namespaces.Scope))
                {
                    throw new ToolException(ToolErrorCode.PermissionDenied, $"Subscribing to memories needs the scope {Namespaces.Scope}, which the caller does not have.");
                }

                McpServer server = request.Server;
                watch.Add(caller.Tenant, uri, Key(server), changed => new(SendAsync(server, changed, null)));
            }

            return subscribe is null ? new EmptyResult() : await subscribe(request, cancellationToken).ConfigureAwait(false);
        };
        handlers.UnsubscribeFromResourcesHandler = async (request, cancellationToken) =>
        {
            if (request.Params?.Uri is { } uri)
            {
                watch.Remove(CallPipeline.CallerOf(request).Tenant, uri, Key(request.Server));
            }

            return unsubscribe is null ? new EmptyResult() : await unsubscribe(request, cancellationToken).ConfigureAwait(false);
        };
        handlers.SubscriptionsListenHandler ??= ListenAsync;
    }

    private async ValueTask<EmptyResult> ListenAsync(RequestContext<SubscriptionsListenRequestParams> request, CancellationToken cancellationToken)
    {
        try
        {
            return await ListenAsync(request, callers.Read(request.User), cancellationToken).ConfigureAwait(false);
        }
        catch (ToolException e)
        {
            throw ProtocolErrors.Of(e, request.Server);
        }
    }

    private async Task<EmptyResult> ListenAsync(RequestContext<SubscriptionsListenRequestParams> request, ToolCaller caller, CancellationToken cancellationToken)
    {
        string tenant = caller.Tenant;
        string watcher = Guid.CreateVersion7().ToString("N");
        JsonNode subscription = request.JsonRpcRequest.Id.Id is long number ? JsonValue.Create(number) : JsonValue.Create(request.JsonRpcRequest.Id.ToString());
        string[] uris = !caller.May(Namespaces.Scope) ? [] : [.. (request.Params?.Notifications?.ResourceSubscriptions ?? []).Where(ResourceWatch.IsWatchable).Distinct().Take(MostAtOnce)];
        Channel<string> changes = Channel.CreateBounded<string>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest });
        try
        {
            foreach (string uri in uris)
            {
                watch.Add(tenant, uri, watcher, changed => changes.Writer.WriteAsync(changed, CancellationToken.None));
            }

            await AcknowledgeAsync(request.Server, uris, subscription, cancellationToken).ConfigureAwait(false);
            await foreach (string changed in changes.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await SendAsync(request.Server, changed, subscription, cancellationToken).ConfigureAwait(false);
            }

            return new EmptyResult();
        }
        finally
        {
            foreach (string uri in uris)
            {
                watch.Remove(tenant, uri, watcher);
            }
        }
    }

    private static Task AcknowledgeAsync(McpServer server, string[] uris, JsonNode subscription, CancellationToken cancellationToken)
    {
        JsonObject granted = uris.Length == 0 ? [] : new JsonObject { ["resourceSubscriptions"] = new JsonArray([.. uris.Select(static u => (JsonNode)JsonValue.Create(u))]) };
        return server.SendMessageAsync(
            new JsonRpcNotification { Method = NotificationMethods.SubscriptionsAcknowledgedNotification, Params = new JsonObject { ["notifications"] = granted, ["_meta"] = Meta(subscription) } }, cancellationToken);
    }

    private static Task SendAsync(McpServer server, string uri, JsonNode? subscription, CancellationToken cancellationToken = default)
    {
        JsonObject parameters = new() { ["uri"] = uri };
        if (subscription is not null)
        {
            parameters["_meta"] = Meta(subscription);
        }

        return server.SendMessageAsync(new JsonRpcNotification { Method = NotificationMethods.ResourceUpdatedNotification, Params = parameters }, cancellationToken);
    }

    private static JsonObject Meta(JsonNode subscription) => new() { [MetaKeys.SubscriptionId] = subscription.DeepClone() };

    private static string Key(McpServer server) => server.SessionId ?? "stdio";
}
