using System.Diagnostics.Metrics;
using ModelContextProtocol.Server;

namespace Providers.Mcp.Calls;

/// <summary>What is measured of calls. A tool is named where the server has it, so that no caller makes a series of his own.</summary>
internal static class CallMetrics
{
    private static readonly Meter s_meter = new("Providers");
    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "mcp.requests.duration", "s", "Time to the answer of a client's request, by kind, tool and outcome.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60] });

    /// <param name="primitive">The tool that was called; <see langword="null"/> where it is another kind of request, or there is no such tool.</param>
    /// <param name="outcome">One of our own words: ok, failed, cancelled, or a code of an error.</param>
    public static void Answered(string kind, IMcpServerPrimitive? primitive, string outcome, TimeSpan elapsed)
    {
        if (s_duration.Enabled)
        {
            s_duration.Record(
                elapsed.TotalSeconds,
                new KeyValuePair<string, object?>("kind", kind),
                new KeyValuePair<string, object?>("tool", kind != "tool" ? "none" : primitive is McpServerTool tool ? tool.ProtocolTool.Name : "other"),
                new KeyValuePair<string, object?>("outcome", outcome == "ok" ? "success" : outcome));
        }
    }
}
