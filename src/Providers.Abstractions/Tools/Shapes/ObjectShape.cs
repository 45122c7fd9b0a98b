using System.Text.Json;

namespace Providers.Tools.Shapes;

/// <summary>A field of an object.</summary>
internal sealed record Field(string Name, Shape Shape, bool Required = false);

/// <summary>An object of named fields and no others.</summary>
internal sealed class ObjectShape(params Field[] fields) : Shape
{
    private readonly Dictionary<string, Field> _fields = fields.ToDictionary(static f => f.Name, StringComparer.Ordinal);

    public IReadOnlyList<Field> Fields => fields;

    public override string Wanted => "an object";

    public override void Check(string field, JsonElement value, List<string> errors)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            Mistyped(field, value, errors);
            return;
        }

        string at = field.Length == 0 ? "" : field + ".";
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            CheckField(at, property.Name, property.Value, errors);
            if (!seen.Add(property.Name))
            {
                errors.Add($"{at}{Shown(property.Name)}: is there twice.");
            }
        }

        CheckMissing(at, seen.Contains, errors);
    }

    /// <summary>Checks one field by its name. A null counts as left out.</summary>
    public void CheckField(string at, string name, JsonElement value, List<string> errors)
    {
        if (!_fields.TryGetValue(name, out Field? known))
        {
            errors.Add($"{at}{Shown(name)}: is no field here; there are {(fields.Length == 0 ? "none" : string.Join(", ", fields.Select(static f => f.Name)))}.");
        }
        else if (value.ValueKind is not JsonValueKind.Null || known.Required)
        {
            known.Shape.Check(at + name, value, errors);
        }
    }

    public void CheckMissing(string at, Func<string, bool> isThere, List<string> errors)
    {
        foreach (Field field in fields)
        {
            if (field.Required && !isThere(field.Name))
            {
                errors.Add($"{at}{field.Name}: is missing; {field.Shape.Wanted} is wanted.");
            }
        }
    }

    protected override void WriteCore(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        foreach (Field field in fields)
        {
            writer.WritePropertyName(field.Name);
            field.Shape.Write(writer);
        }

        writer.WriteEndObject();
        if (fields.Any(static f => f.Required))
        {
            writer.WriteStartArray("required");
            foreach (Field field in fields.Where(static f => f.Required))
            {
                writer.WriteStringValue(field.Name);
            }

            writer.WriteEndArray();
        }

        writer.WriteBoolean("additionalProperties", false);
    }
}
