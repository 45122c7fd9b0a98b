using System.Text.Json;
using BenchmarkDotNet.Reports;

namespace Providers.Benchmarks;

/// <summary>Reads the summaries and writes each figure with its baseline of the same run and the limit it must keep.</summary>
internal static class OverheadFigures
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <returns>0 when every limit is kept, else 1.</returns>
    public static int Write(string path, Summary calls, Summary streams, Summary failover, double furtherSync, double furtherLater)
    {
        List<Figure> figures = [];
        foreach (int targets in (int[])[1, 3])
        {
            foreach (bool later in (bool[])[false, true])
            {
                string kind = later ? "async" : "sync";
                double added = Nanoseconds(calls, "Composite", targets, later) - Nanoseconds(calls, "Direct", targets, later);
                double polly = Nanoseconds(calls, "Polly", targets, later) - Nanoseconds(calls, "Direct", targets, later);
                double ordered = Nanoseconds(calls, "OrderedFailover", targets, later) - Nanoseconds(calls, "Direct", targets, later);
                figures.Add(new($"call.{kind}.{targets}.added", added, "ns", "Polly timeout+retry+circuit+timeout, added", added / polly, later ? null : 1.0));
                figures.Add(new($"call.{kind}.{targets}.added-vs-ordered", added, "ns", "OrderedFailoverChatClient, added", added / ordered, null));
                double bytes = Bytes(calls, "Composite", targets, later) - Bytes(calls, "Direct", targets, later);
                figures.Add(new($"call.{kind}.{targets}.allocated", bytes, "B", "inner client alone", null, later ? 512 : 300));

                double update = Nanoseconds(streams, "Composite", targets, later) - Nanoseconds(streams, "Direct", targets, later);
                double updateOrdered = Nanoseconds(streams, "OrderedFailover", targets, later) - Nanoseconds(streams, "Direct", targets, later);
                figures.Add(new($"update.{kind}.{targets}.added", update, "ns", "OrderedFailoverChatClient, added", update / updateOrdered, later ? null : 0.5));
                double updateBytes = Bytes(streams, "Composite", targets, later) - Bytes(streams, "Direct", targets, later);
                figures.Add(new($"update.{kind}.{targets}.allocated", updateBytes, "B", "inner client alone; one stream's own cost spread over its 100 updates", null, null));
            }
        }

        figures.Add(new("update.sync.further.allocated", furtherSync, "B", "inner client alone, streams of 1,100 updates against 100", null, 0.5));
        figures.Add(new("update.async.further.allocated", furtherLater, "B", "inner client alone, streams of 1,100 updates against 100", null, 0.5));
        double extra = Nanoseconds(failover, "SecondTargetFirstOpen") - Nanoseconds(failover, "FirstTarget");
        figures.Add(new("failover.first-open.extra", extra, "ns", "first target, closed circuit", null, 1_000));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, JsonSerializer.Serialize(figures.Select(static f => f.ToJson()), Indented));
        Console.WriteLine($"\n{"figure",-36} {"value",10} {"",-3} {"ratio",7} {"limit",7}");
        bool kept = true;
        foreach (Figure f in figures)
        {
            bool good = f.Limit is not { } limit || (f.Ratio ?? f.Value) <= limit;
            kept &= good;
            Console.WriteLine($"{f.Name,-36} {f.Value,10:F1} {f.Unit,-3} {f.Ratio,7:F2} {f.Limit,7:0.##} {(good ? "" : "  over its limit")}");
        }

        return kept ? 0 : 1;
    }

    private static BenchmarkReport Find(Summary summary, string method, int? targets, bool? later) => summary.Reports.Single(r =>
        r.BenchmarkCase.Descriptor.WorkloadMethod.Name == method
        && (targets is null || (int)r.BenchmarkCase.Parameters["Targets"] == targets)
        && (later is null || (bool)r.BenchmarkCase.Parameters["Async"] == later));

    private static double Nanoseconds(Summary summary, string method, int? targets = null, bool? later = null) =>
        Find(summary, method, targets, later).ResultStatistics!.Median;

    private static double Bytes(Summary summary, string method, int? targets = null, bool? later = null)
    {
        BenchmarkReport report = Find(summary, method, targets, later);
        return report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0;
    }

    private sealed record Figure(string Name, double Value, string Unit, string Baseline, double? Ratio, double? Limit)
    {
        public Dictionary<string, object?> ToJson()
        {
            Dictionary<string, object?> json = new() { ["name"] = Name, ["value"] = Math.Round(Value, 2), ["unit"] = Unit, ["baseline"] = Baseline };
            if (Ratio is { } ratio)
            {
                json["ratio"] = Math.Round(ratio, 3);
            }

            if (Limit is { } limit)
            {
                json["limit"] = limit;
            }

            return json;
        }
    }
}
