using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Tools;

namespace Providers.Mcp.Tools;

/// <summary>Sends a call's progress to its client: one at a time, in order, and only the newest of those that came meanwhile.</summary>
internal sealed class SessionProgress(McpServer server, ProgressToken token) : IProgress<ToolProgress>
{
    private readonly Lock _gate = new();
    private Task _sending = Task.CompletedTask;
    private ToolProgress? _next;
    private bool _busy;

    public void Report(ToolProgress value)
    {
        lock (_gate)
        {
            _next = value;
            if (!_busy)
            {
                _busy = true;
                _sending = SendAsync();
            }
        }
    }

    /// <summary>Waits until everything reported was sent.</summary>
    public Task CompleteAsync()
    {
        lock (_gate)
        {
            return _sending;
        }
    }

    private async Task SendAsync()
    {
        while (TakeNext() is { } value)
        {
            try
            {
                await server.NotifyProgressAsync(token, new ProgressNotificationValue { Progress = (float)value.Done, Total = (float?)value.Total, Message = value.Message }).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
            {
                // The client has gone; the call's own cancellation says so.
            }
        }
    }

    private ToolProgress? TakeNext()
    {
        lock (_gate)
        {
            ToolProgress? next = _next;
            _next = null;
            _busy = next is not null;
            return next;
        }
    }
}
