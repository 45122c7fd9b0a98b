using System.Text.Json;

namespace Providers.Tools.Shapes;

/// <summary>True or false.</summary>
internal sealed class FlagShape : Shape
{
    public override string Wanted => "true or false";

    public override void Check(string field, JsonElement value, List<string> errors)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Mistyped(field, value, errors);
        }
    }

    protected override void WriteCore(Utf8JsonWriter writer) => writer.WriteString("type", "boolean");
}
