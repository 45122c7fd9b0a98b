using System.Text.Json;

namespace Providers.Tools.Shapes;

/// <summary>An object of names the host does not know.</summary>
/// <param name="value">What its values look like; <see langword="null"/>: anything.</param>
internal sealed class MapShape(Shape? value = null) : Shape
{
    public override string Wanted => "an object";

    public override void Check(string field, JsonElement element, List<string> errors)
    {
        if (element.ValueKind is not JsonValueKind.Object)
        {
            Mistyped(field, element, errors);
            return;
        }

        if (value is null)
        {
            return;
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            value.Check($"{field}.{Shown(property.Name)}", property.Value, errors);
        }
    }

    protected override void WriteCore(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "object");
        writer.WritePropertyName("additionalProperties");
        if (value is null)
        {
            writer.WriteBooleanValue(true);
        }
        else
        {
            value.Write(writer);
        }
    }
}
