using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Providers.Gateway.Benchmarks;

/// <summary>Writes the table, the chart and the figures, and says which limits are kept.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <returns>0 when every limit is kept, else 1.</returns>
    public static int Write(string[] files, string json, string results)
    {
        List<Row> rows = [.. files.SelectMany(static f => JsonSerializer.Deserialize<List<Row>>(File.ReadAllText(f))!)];
        List<Dictionary<string, object?>> figures = [];
        bool kept = true;
        foreach (Row row in rows)
        {
            string at = $"{row.Kind}.{row.Connections}";
            double throughput = row.Ours.PerSecond / row.Theirs.PerSecond, added = row.OursAdded / row.TheirsAdded;
            figures.Add(Figure($"{at}.requests", row.Ours.PerSecond, "1/s", "@portkey-ai/gateway", throughput, atLeast: 8));
            figures.Add(Figure($"{at}.added-p50", row.OursAdded, "us", "@portkey-ai/gateway, added", added, limit: 0.125));
            figures.Add(Figure($"{at}.added-p99", row.Ours.P99 - row.Direct.P99, "us", "@portkey-ai/gateway, added", (row.Ours.P99 - row.Direct.P99) / (row.Theirs.P99 - row.Direct.P99)));
            kept &= throughput >= 8 && added <= 0.125;
        }

        Row alone = rows.Single(static r => r is { Stream: false, Connections: 1 });
        figures.Add(Figure("json.1.added-p50-over-direct", alone.OursAdded, "us", "direct call", null, limit: 150));
        kept &= alone.OursAdded <= 150;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(json))!);
        File.WriteAllText(json, JsonSerializer.Serialize(figures, s_indented) + "\n");
        string table = Table(rows);
        Console.WriteLine(table);
        Directory.CreateDirectory(results);
        File.WriteAllText(Path.Combine(results, "gateway.md"), table);
        File.WriteAllText(Path.Combine(results, "gateway.svg"), Chart(rows));
        return kept ? 0 : 1;
    }

    private static Dictionary<string, object?> Figure(string name, double value, string unit, string baseline, double? ratio, double? limit = null, double? atLeast = null)
    {
        Dictionary<string, object?> figure = new() { ["name"] = name, ["value"] = Math.Round(value, 1), ["unit"] = unit, ["baseline"] = baseline };
        if (ratio is { } r)
        {
            figure["ratio"] = Math.Round(r, 3);
        }

        if (limit is not null)
        {
            figure["limit"] = limit;
        }

        if (atLeast is not null)
        {
            figure["atLeast"] = atLeast;
        }

        return figure;
    }

    private static string Table(List<Row> rows)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Gateway: Providers.AspNetCore beside @portkey-ai/gateway 1.15.2
            One run on loopback over one upstream (raw sockets, answers made beforehand), load from raw sockets in a closed loop, in four turns; {Environment.ProcessorCount} cores for all processes
            together, .NET {Environment.Version}, node for the peer. Ours checks an API key, counts limits and goes through the composite; the peer checks nothing.
            Ours completes sockets inline (DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1, Kestrel's UnsafePreferInlineScheduling), as a host may whose handlers never block, and keeps Kestrel's read buffers (WaitForDataBeforeAllocatingBuffer = false).
            A streamed answer has {Upstream.Chunks} chunks. Times are to the whole answer; added is over the direct call at the same number of connections; CPU is the gateway's processor time a request.
            Command: `eng/bench gateway`. Asked for: at least 8 times the peer's requests, at most an eighth of its added p50, and at most 150 us added to one JSON call.

            | answer | connections | direct 1/s | ours 1/s | Portkey 1/s | ours / Portkey | direct p50 | ours added p50 | Portkey added p50 | ours added p99 | Portkey added p99 | ours CPU | Portkey CPU |
            |---|---|---|---|---|---|---|---|---|---|---|---|---|

            """);
        foreach (Row r in rows)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {r.Kind} | {r.Connections} | {r.Direct.PerSecond:F0} | {r.Ours.PerSecond:F0} | {r.Theirs.PerSecond:F0} | {r.Ours.PerSecond / r.Theirs.PerSecond:F1} x | {r.Direct.P50:F0} us | {r.OursAdded:F0} us | {r.TheirsAdded:F0} us | {r.Ours.P99 - r.Direct.P99:F0} us | {r.Theirs.P99 - r.Direct.P99:F0} us | {r.Ours.Processor:F0} us | {r.Theirs.Processor:F0} us |");
        }

        return text.ToString();
    }

    private static string Chart(List<Row> rows)
    {
        double most = rows.Max(static r => r.Ours.PerSecond);
        StringBuilder svg = new("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"340\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"Requests a second, ours and Portkey's\">\n");
        svg.Append("<rect width=\"640\" height=\"340\" fill=\"white\"/><text x=\"20\" y=\"20\" font-size=\"14\">Requests a second through the gateway, by answer and connections</text>\n");
        svg.Append("<rect x=\"20\" y=\"30\" width=\"10\" height=\"10\" fill=\"#0a6\"/><text x=\"34\" y=\"40\">Providers.AspNetCore</text><rect x=\"180\" y=\"30\" width=\"10\" height=\"10\" fill=\"#c33\"/><text x=\"194\" y=\"40\">@portkey-ai/gateway 1.15.2</text>\n");
        int x = 30;
        foreach (Row r in rows)
        {
            double ours = 230 * r.Ours.PerSecond / most, theirs = 230 * r.Theirs.PerSecond / most;
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{300 - ours:F1}\" width=\"34\" height=\"{ours:F1}\" fill=\"#0a6\"/><text x=\"{x}\" y=\"{296 - ours:F1}\">{r.Ours.PerSecond:F0}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x + 38}\" y=\"{300 - theirs:F1}\" width=\"34\" height=\"{theirs:F1}\" fill=\"#c33\"/><text x=\"{x + 38}\" y=\"{296 - theirs:F1}\">{r.Theirs.PerSecond:F0}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"318\">{r.Kind}, {r.Connections}</text>\n");
            x += 100;
        }

        return svg.Append("<path d=\"M20 300H630\" stroke=\"black\"/></svg>\n").ToString();
    }
}
