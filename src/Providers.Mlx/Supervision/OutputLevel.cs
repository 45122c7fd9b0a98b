using Microsoft.Extensions.Logging;

namespace Providers.Mlx;

/// <summary>The level of a line of the server's log, which reads <c>2026-02-03 04:05:06,789 - INFO - text</c>.</summary>
internal static class OutputLevel
{
    public static LogLevel Of(string line)
    {
        int first = line.IndexOf(" - ", StringComparison.Ordinal);
        int second = first < 0 ? -1 : line.IndexOf(" - ", first + 3, StringComparison.Ordinal);
        if (second < 0)
        {
            return LogLevel.Information;
        }

        return line.AsSpan(first + 3, second - first - 3) switch
        {
            "DEBUG" => LogLevel.Debug,
            "WARNING" => LogLevel.Warning,
            "ERROR" => LogLevel.Error,
            "CRITICAL" => LogLevel.Critical,
            _ => LogLevel.Information,
        };
    }
}
