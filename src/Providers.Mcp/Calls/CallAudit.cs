using Microsoft.Extensions.Logging;
using Providers.Tools;

namespace Providers.Mcp.Calls;

/// <summary>Says of every call who made it, what became of it and how large it was; never what was in it. Category <c>Providers.Mcp.Audit</c>.</summary>
internal sealed partial class CallAudit(ILoggerFactory loggers, TimeProvider clock)
{
    private readonly ILogger _log = loggers.CreateLogger("Providers.Mcp.Audit");

    public long Now => clock.GetTimestamp();

    public TimeSpan Since(long started) => clock.GetElapsedTime(started);

    public void Write(string kind, string? target, ToolCaller? caller, string outcome, long bytesIn, long bytesOut, long started)
    {
        if (!_log.IsEnabled(LogLevel.Information))
        {
            return;
        }

        string name = Plain(target), tenant = Plain(caller?.Tenant), principal = Plain(caller?.Principal);
        double elapsed = clock.GetElapsedTime(started).TotalMilliseconds;
        Called(_log, kind, name, tenant, principal, outcome, bytesIn, bytesOut, elapsed);
    }

    // Names come from the caller: nothing in them may forge a line.
    private static string Plain(string? name) =>
        name is null ? "-" : string.Concat((name.Length > 128 ? name[..128] : name).Select(static c => char.IsControl(c) || char.IsSurrogate(c) ? '_' : c));

    [LoggerMessage(EventId = 800, Level = LogLevel.Information, Message = "{Kind} {Target} by tenant {Tenant}, principal {Principal}: {Outcome}; {BytesIn} bytes in, {BytesOut} out, {ElapsedMs:F1} ms.")]
    private static partial void Called(ILogger log, string kind, string target, string tenant, string principal, string outcome, long bytesIn, long bytesOut, double elapsedMs);
}
