namespace Providers.Mcp.Tests.Support;

/// <summary>Holds a value against as much of JSON Schema as the suite's tools use.</summary>
internal static class SchemaCheck
{
    public static List<string> Errors(JsonElement schema, JsonElement value, string at = "$")
    {
        List<string> errors = [];
        if (schema.TryGetProperty("enum", out JsonElement choices) && !choices.EnumerateArray().Any(c => JsonElement.DeepEquals(c, value)))
        {
            errors.Add($"{at} is none of {choices}");
        }

        if (schema.TryGetProperty("type", out JsonElement type) && !IsType(type.GetString()!, value))
        {
            errors.Add($"{at} is {value.ValueKind}, not {type}");
            return errors;
        }

        if (value.ValueKind is JsonValueKind.Object)
        {
            Object(schema, value, at, errors);
        }
        else if (value.ValueKind is JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
        {
            errors.AddRange(value.EnumerateArray().SelectMany((v, i) => Errors(items, v, $"{at}[{i}]")));
        }
        else if (value.ValueKind is JsonValueKind.Number)
        {
            if ((schema.TryGetProperty("minimum", out JsonElement least) && value.GetDouble() < least.GetDouble()) || (schema.TryGetProperty("maximum", out JsonElement most) && value.GetDouble() > most.GetDouble()))
            {
                errors.Add($"{at} is {value}, out of bounds");
            }
        }

        return errors;
    }

    private static void Object(JsonElement schema, JsonElement value, string at, List<string> errors)
    {
        if (schema.TryGetProperty("required", out JsonElement required))
        {
            errors.AddRange(required.EnumerateArray().Where(r => !value.TryGetProperty(r.GetString()!, out _)).Select(r => $"{at}.{r} is missing"));
        }

        bool hasAdditional = schema.TryGetProperty("additionalProperties", out JsonElement additional);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out JsonElement known) && known.TryGetProperty(property.Name, out JsonElement shape))
            {
                errors.AddRange(Errors(shape, property.Value, $"{at}.{property.Name}"));
            }
            else if (hasAdditional && additional.ValueKind is JsonValueKind.False)
            {
                errors.Add($"{at}.{property.Name} is no field of the schema");
            }
            else if (hasAdditional && additional.ValueKind is JsonValueKind.Object)
            {
                errors.AddRange(Errors(additional, property.Value, $"{at}.{property.Name}"));
            }
        }
    }

    private static bool IsType(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind is JsonValueKind.Object,
        "array" => value.ValueKind is JsonValueKind.Array,
        "string" => value.ValueKind is JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind is JsonValueKind.Number && value.GetDouble() == Math.Floor(value.GetDouble()),
        "number" => value.ValueKind is JsonValueKind.Number,
        _ => throw new InvalidOperationException($"{type} is no type the tests know."),
    };
}
