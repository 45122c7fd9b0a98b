using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.Mcp.Benchmarks;

/// <summary>One figure.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">Of what.</param>
internal sealed record Row(string Name, double Value, string Unit)
{
    /// <summary>Gets what it stands beside: the bare SDK, or a peer.</summary>
    public double? Baseline { get; init; }

    public double? Ratio { get; init; }

    /// <summary>Gets between which two the middle half of the rounds' ratios lies.</summary>
    public double[]? Spread { get; init; }

    public double? Limit { get; init; }

    public double? AtLeast { get; init; }

    [JsonIgnore]
    public bool? IsReached => Limit is { } most ? Ratio <= most : AtLeast is { } least ? Ratio >= least : null;
}

/// <summary>The figures of one stage, kept until the report is made of all.</summary>
internal sealed class Rows(string work, string stage)
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly List<Row> _rows = [];

    public void Add(Row row)
    {
        _rows.Add(row with { Value = Math.Round(row.Value, 1), Baseline = Round(row.Baseline, 1), Ratio = Round(row.Ratio, 3), Spread = row.Spread?.Select(static r => Math.Round(r, 3)).ToArray() });
        Console.WriteLine($"{row.Name,-64} {row.Value,10:F1} {row.Unit,-4} {(row.Baseline is null ? "" : $"beside {row.Baseline:F1}: x {row.Ratio:F2} ({row.Spread?[0]:F2} to {row.Spread?[^1]:F2})")}");
    }

    public void Save() => File.WriteAllText(Path.Combine(work, $"{stage}.json"), JsonSerializer.Serialize(_rows, Json));

    public static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static double? Round(double? value, int digits) => value is null ? null : Math.Round(value.Value, digits);
}
