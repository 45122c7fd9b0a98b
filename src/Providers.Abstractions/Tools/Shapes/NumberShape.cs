using System.Text.Json;

namespace Providers.Tools.Shapes;

/// <summary>A number within bounds.</summary>
internal sealed class NumberShape : Shape
{
    /// <summary>Gets the least; infinity (the default): there is none.</summary>
    public double Least { get; init; } = double.NegativeInfinity;

    /// <summary>Gets the greatest; infinity (the default): there is none.</summary>
    public double Most { get; init; } = double.PositiveInfinity;

    public bool Whole { get; init; }

    /// <summary>Gets what holds when the field is left out; said in the schema.</summary>
    public double? Default { get; init; }

    public override string Wanted => $"a {(Whole ? "whole " : "")}number {Bounds}";

    private string Bounds => double.IsInfinity(Least) ? "of any size" : double.IsInfinity(Most) ? $"of at least {Number(Least)}" : $"from {Number(Least)} to {Number(Most)}";

    public override void Check(string field, JsonElement value, List<string> errors)
    {
        if (value.ValueKind is not JsonValueKind.Number)
        {
            Mistyped(field, value, errors);
            return;
        }

        if (!value.TryGetDouble(out double number) || !double.IsFinite(number) || number < Least || number > Most || (Whole && number != Math.Floor(number)))
        {
            errors.Add($"{field}: is {Shown(value.GetRawText())}; {Wanted} is allowed.");
        }
    }

    protected override void WriteCore(Utf8JsonWriter writer)
    {
        writer.WriteString("type", Whole ? "integer" : "number");
        if (!double.IsInfinity(Least))
        {
            writer.WriteNumber("minimum", Least);
        }

        if (!double.IsInfinity(Most))
        {
            writer.WriteNumber("maximum", Most);
        }

        if (Default is { } value)
        {
            writer.WriteNumber("default", value);
        }
    }
}
