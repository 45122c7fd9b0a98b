using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Providers.Mcp.Benchmarks;

/// <summary>All stages' figures in one file, and as a table.</summary>
internal static class Report
{
    public static void Write(string work, IReadOnlyList<string> stages, string json)
    {
        Row[] rows = [.. stages.Select(s => Path.Combine(work, $"{s}.json")).Where(File.Exists).SelectMany(static f => JsonSerializer.Deserialize<Row[]>(File.ReadAllText(f), Rows.Json)!)];
        File.WriteAllText(json, JsonSerializer.Serialize(rows, Rows.Json));
        StringBuilder table = new("| work | figure | beside | ratio | rounds | asked for | reached |\n|---|---|---|---|---|---|---|\n");
        foreach (Row row in rows)
        {
            string wanted = row.Limit is { } most ? $"<= {most}" : row.AtLeast is { } least ? $">= {least}" : "";
            table.Append(CultureInfo.InvariantCulture, $"| {row.Name} | {row.Value:N0} {row.Unit} | {row.Baseline:N0} | {row.Ratio:F2} | ")
                .Append(row.Spread is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{row.Spread[0]:F2} to {row.Spread[^1]:F2}"))
                .Append(CultureInfo.InvariantCulture, $" | {wanted} | {row.IsReached switch { true => "yes", false => "**no**", null => "" }} |\n");
        }

        File.WriteAllText(Path.ChangeExtension(json, ".md"), table.ToString());
        Console.Write(table);
    }
}
