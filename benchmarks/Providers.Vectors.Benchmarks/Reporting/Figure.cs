using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>One line of the result: what was measured, against what, and what was asked for (null: only shown).</summary>
internal sealed record Figure(string Name, double Value, string Unit, double Baseline, double Ratio, double? AtLeast = null, double? Limit = null)
{
    public bool? Reached => AtLeast is { } least ? Ratio >= least : Limit is { } most ? Value <= most : null;

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["name"] = Name, ["value"] = Value, ["unit"] = Unit, ["baseline"] = Baseline, ["ratio"] = Ratio };
        if (AtLeast is not null)
        {
            json["atLeast"] = AtLeast;
        }

        if (Limit is not null)
        {
            json["limit"] = Limit;
        }

        return json;
    }

    public string ToRow() =>
        $"| {Name} | {Short(Value)} {Unit} | {(Baseline == 0 ? "" : Short(Baseline))} | {(Baseline == 0 ? "" : $"{Ratio:F2} x")} | {(AtLeast is not null ? $">= {AtLeast} x" : Limit is not null ? $"<= {Limit} {Unit}" : "")} | {(Reached is null ? "" : Reached.Value ? "yes" : "**no**")} |";

    private static string Short(double value) => value >= 100 ? $"{value:N0}" : value >= 10 ? $"{value:F1}" : $"{value:F3}";
}
