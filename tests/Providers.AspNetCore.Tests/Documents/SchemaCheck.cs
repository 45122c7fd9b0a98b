using System.Text.Json;

namespace Providers.AspNetCore.Tests.Documents;

/// <summary>As much of JSON Schema as our document uses: type, properties, required, items, references.</summary>
internal static class SchemaCheck
{
    /// <returns>What does not fit.</returns>
    public static IEnumerable<string> Check(JsonElement value, JsonElement schema, JsonElement document, string path)
    {
        if (schema.ValueKind is not JsonValueKind.Object)
        {
            return []; // true: anything
        }

        if (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            return Check(value, Resolve(document, reference.GetString()!), document, path);
        }

        if (schema.TryGetProperty("type", out JsonElement type) && !Fits(value, type))
        {
            return [$"{path} is {value.ValueKind}, not {type}"];
        }

        IEnumerable<string> wrong = [];
        if (value.ValueKind is JsonValueKind.Object)
        {
            if (schema.TryGetProperty("required", out JsonElement required))
            {
                wrong = wrong.Concat(required.EnumerateArray().Where(r => !value.TryGetProperty(r.GetString()!, out _)).Select(r => $"{path} lacks {r}"));
            }

            if (schema.TryGetProperty("properties", out JsonElement properties))
            {
                wrong = wrong.Concat(value.EnumerateObject().SelectMany(p => properties.TryGetProperty(p.Name, out JsonElement inner) ? Check(p.Value, inner, document, $"{path}.{p.Name}") : [$"{path}.{p.Name} is not documented"]));
            }
        }
        else if (value.ValueKind is JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
        {
            wrong = wrong.Concat(value.EnumerateArray().SelectMany((v, i) => Check(v, items, document, $"{path}[{i}]")));
        }

        return wrong;
    }

    private static bool Fits(JsonElement value, JsonElement type) => type.ValueKind is JsonValueKind.Array ? type.EnumerateArray().Any(t => Fits(value, t)) : type.GetString() switch
    {
        "object" => value.ValueKind is JsonValueKind.Object,
        "array" => value.ValueKind is JsonValueKind.Array,
        "string" => value.ValueKind is JsonValueKind.String,
        "integer" => value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind is JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind is JsonValueKind.Null,
        _ => false,
    };

    private static JsonElement Resolve(JsonElement document, string reference) =>
        reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(document, static (at, name) => at.ValueKind is JsonValueKind.Array ? at[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)] : at.GetProperty(name));
}
