using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Providers.Mcp.Tests.Support;

/// <summary>Hears of changes of a resource, in the way of the protocol's revision: a subscription, or a request held open.</summary>
internal sealed class Watch : IAsyncDisposable
{
    private readonly TaskCompletionSource<string> _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private IAsyncDisposable? _handler;
    private Task _listening = Task.CompletedTask;

    public bool HasHeard => _heard.Task.IsCompleted;

    public static async Task<Watch> StartAsync(McpClient client, string uri)
    {
        Watch watch = new();
        watch._handler = client.RegisterNotificationHandler(NotificationMethods.ResourceUpdatedNotification, (notification, _) =>
        {
            watch._heard.TrySetResult(notification.Params!["uri"]!.GetValue<string>());
            return default;
        });
        if (string.CompareOrdinal(client.NegotiatedProtocolVersion, "2026-07-28") < 0)
        {
            await client.SubscribeToResourceAsync(uri);
            return watch;
        }

        TaskCompletionSource acknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using IAsyncDisposable acknowledgement = client.RegisterNotificationHandler(NotificationMethods.SubscriptionsAcknowledgedNotification, (_, _) =>
        {
            acknowledged.TrySetResult();
            return default;
        });
        JsonObject parameters = new() { ["notifications"] = new JsonObject { ["resourceSubscriptions"] = new JsonArray(uri) } };
        watch._listening = client.SendRequestAsync(new JsonRpcRequest { Method = "subscriptions/listen", Params = parameters }, watch._stop.Token);
        await Task.WhenAny(acknowledged.Task, watch._listening).WaitAsync(TimeSpan.FromMinutes(1));
        acknowledged.Task.IsCompleted.Should().BeTrue("the server takes the subscription: {0}", watch._listening.Exception?.InnerException?.Message);
        return watch;
    }

    /// <summary>Writes until it is heard of: a session's stream of notifications opens beside its first requests, and what comes before is told nobody.</summary>
    public async Task<string> HeardAsync(Func<Task> write)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            await write();
        }
        while (await Task.WhenAny(_heard.Task, Task.Delay(TimeSpan.FromMilliseconds(200))) != _heard.Task && Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(2));
        return await _heard.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _listening;
        }
        catch (Exception)
        {
            // it was cancelled
        }

        await _handler!.DisposeAsync();
        _stop.Dispose();
    }
}
