using System.Text.Json;

namespace Providers.Tools.Shapes;

/// <summary>A list of values of one shape.</summary>
internal sealed class ListShape(Shape item) : Shape
{
    private const int MostErrors = 10;

    public int Least { get; init; }

    /// <summary>Gets how many at most; <see cref="int.MaxValue"/> (the default): any number.</summary>
    public int Most { get; init; } = int.MaxValue;

    public override string Wanted => Most == int.MaxValue ? "a list" : $"a list of {Number(Least)} to {Number(Most)}";

    public override void Check(string field, JsonElement value, List<string> errors)
    {
        if (value.ValueKind is not JsonValueKind.Array)
        {
            Mistyped(field, value, errors);
            return;
        }

        int count = value.GetArrayLength();
        if (count < Least || count > Most)
        {
            errors.Add($"{field}: has {Number(count)} items; {Number(Least)} to {Number(Most)} are allowed.");
            return;
        }

        int index = 0;
        foreach (JsonElement element in value.EnumerateArray())
        {
            item.Check($"{field}[{index++}]", element, errors);
            if (errors.Count >= MostErrors)
            {
                return; // a caller mends a few at a time
            }
        }
    }

    protected override void WriteCore(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "array");
        writer.WritePropertyName("items");
        item.Write(writer);
        if (Least > 0)
        {
            writer.WriteNumber("minItems", Least);
        }

        if (Most < int.MaxValue)
        {
            writer.WriteNumber("maxItems", Most);
        }
    }
}
