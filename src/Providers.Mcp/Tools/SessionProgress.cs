using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Tools;

namespace Providers.Mcp.Tools;

/// <summary>Sends a call's progress to its client: one at a time, in order, and only the newest of those that came meanwhile. What does not grow is not sent, as the protocol wants it.</summary>
internal sealed class SessionProgress(McpServer server, ProgressToken token) : IProgress<ToolProgress>
{
    private readonly Lock _gate = new();
    private Task _sending = Task.CompletedTask;
    private ToolProgress? _next;
    private bool _busy;
    private float _sent = float.NegativeInfinity;

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
            float done = (float)value.Done;
            if (!float.IsFinite(done) || done <= _sent)
            {
                continue;
            }

            _sent = done;
            try
            {
                await server.NotifyProgressAsync(token, new ProgressNotificationValue { Progress = done, Total = (float?)value.Total, Message = value.Message }).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Mostly the client has gone, of which the call's own cancellation tells; whatever it is, the call itself is none the worse for it.
            catch (Exception)
#pragma warning restore CA1031
            {
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
