using System.Diagnostics;
using ModelContextProtocol.Client;

namespace Providers.Mcp.Benchmarks;

/// <summary>Callers that call one after the other as fast as answers come, each through the client that is its turn.</summary>
internal static class Load
{
    public static async Task<(double Median, double PerSecond)> RunAsync(IReadOnlyList<McpClient> clients, int callers, string tool, Func<int, Dictionary<string, object?>> arguments, double seconds)
    {
        long started = Stopwatch.GetTimestamp();
        List<double>[] all = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            McpClient client = clients[caller % clients.Count];
            List<double> times = [];
            for (int i = caller; Stopwatch.GetElapsedTime(started).TotalSeconds < seconds; i += callers)
            {
                long began = Stopwatch.GetTimestamp();
                if ((await client.CallToolAsync(tool, arguments(i))).IsError is true)
                {
                    throw new InvalidOperationException($"{tool} answered with an error.");
                }

                times.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
            }

            return times;
        })));
        double[] sorted = [.. all.SelectMany(static t => t).Order()];
        return (sorted[sorted.Length / 2], sorted.Length / Stopwatch.GetElapsedTime(started).TotalSeconds);
    }
}
