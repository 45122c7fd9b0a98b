using System.Text.Json;
using System.Text.RegularExpressions;

namespace Providers.Mlx;

/// <summary>Checks a JSON value against the part of JSON Schema that structured output uses; keywords it does not know are not checked.</summary>
internal sealed class JsonSchemaCheck(JsonElement root)
{
    private const int MaxDepth = 64;
    private static readonly TimeSpan PatternLimit = TimeSpan.FromMilliseconds(250);

    /// <summary>Says what does not match, with the path to it; <see langword="null"/> when all does.</summary>
    public string? Error(JsonElement value) => Error(root, value, "$", 0);

    private string? Error(JsonElement schema, JsonElement value, string path, int depth)
    {
        if (depth > MaxDepth)
        {
            return $"{path} is nested deeper than {MaxDepth} levels";
        }

        return schema.ValueKind switch
        {
            JsonValueKind.False => $"{path} is not allowed",
            JsonValueKind.Object => Reference(schema, value, path, depth)
                ?? Type(schema, value, path)
                ?? Constant(schema, value, path)
                ?? Scalar(schema, value, path)
                ?? Object(schema, value, path, depth)
                ?? Array(schema, value, path, depth)
                ?? Combined(schema, value, path, depth),
            _ => null,
        };
    }

    private string? Reference(JsonElement schema, JsonElement value, string path, int depth)
    {
        if (!schema.TryGetProperty("$ref", out JsonElement reference) || reference.GetString() is not { } pointer || !pointer.StartsWith('#'))
        {
            return null;
        }

        JsonElement target = root;
        foreach (string part in pointer[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (target.ValueKind is not JsonValueKind.Object || !target.TryGetProperty(part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out target))
            {
                return null;
            }
        }

        return Error(target, value, path, depth + 1);
    }

    private static string? Type(JsonElement schema, JsonElement value, string path)
    {
        if (!schema.TryGetProperty("type", out JsonElement type))
        {
            return null;
        }

        bool matches = type.ValueKind is JsonValueKind.Array
            ? type.EnumerateArray().Any(t => Is(t.GetString(), value))
            : Is(type.GetString(), value);
        return matches ? null : $"{path} is {Name(value)}, not {type.GetRawText()}";
    }

    private static bool Is(string? type, JsonElement value) => type switch
    {
        "integer" => value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out double number) && Math.Floor(number) == number,
        null => true,
        _ => Name(value) == type,
    };

    private static string Name(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    private static string? Constant(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("enum", out JsonElement options) && !options.EnumerateArray().Any(o => JsonElement.DeepEquals(o, value)))
        {
            return $"{path} is none of {options.GetRawText()}";
        }

        return schema.TryGetProperty("const", out JsonElement constant) && !JsonElement.DeepEquals(constant, value)
            ? $"{path} is not {constant.GetRawText()}"
            : null;
    }

    private static string? Scalar(JsonElement schema, JsonElement value, string path)
    {
        if (value.ValueKind is JsonValueKind.Number)
        {
            double number = value.GetDouble();
            return Limit(schema, "minimum") > number ? $"{path} is less than its minimum"
                : Limit(schema, "maximum") < number ? $"{path} is more than its maximum"
                : Limit(schema, "exclusiveMinimum") >= number ? $"{path} is not more than its exclusive minimum"
                : Limit(schema, "exclusiveMaximum") <= number ? $"{path} is not less than its exclusive maximum"
                : null;
        }

        if (value.ValueKind is not JsonValueKind.String)
        {
            return null;
        }

        string text = value.GetString()!;
        int length = text.EnumerateRunes().Count(); // JSON Schema counts characters, not UTF-16
        return Limit(schema, "minLength") > length ? $"{path} is shorter than its minimum length"
            : Limit(schema, "maxLength") < length ? $"{path} is longer than its maximum length"
            : schema.TryGetProperty("pattern", out JsonElement pattern) && !Matches(text, pattern.GetString()!) ? $"{path} does not match its pattern"
            : null;
    }

    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, PatternLimit);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            return true; // a pattern that cannot be checked refuses nothing
        }
    }

    private string? Object(JsonElement schema, JsonElement value, string path, int depth)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        if (schema.TryGetProperty("required", out JsonElement required))
        {
            foreach (string? name in required.EnumerateArray().Select(static r => r.GetString()))
            {
                if (!value.TryGetProperty(name!, out _))
                {
                    return $"{path}.{name} is missing";
                }
            }
        }

        schema.TryGetProperty("properties", out JsonElement properties);
        bool hasRest = schema.TryGetProperty("additionalProperties", out JsonElement rest) && !schema.TryGetProperty("patternProperties", out _); // which are not known here
        foreach (JsonProperty property in value.EnumerateObject())
        {
            string? error = properties.ValueKind is JsonValueKind.Object && properties.TryGetProperty(property.Name, out JsonElement known)
                ? Error(known, property.Value, $"{path}.{property.Name}", depth + 1)
                : hasRest ? Error(rest, property.Value, $"{path}.{property.Name}", depth + 1) : null;
            if (error is not null)
            {
                return error;
            }
        }

        return null;
    }

    private string? Array(JsonElement schema, JsonElement value, string path, int depth)
    {
        if (value.ValueKind is not JsonValueKind.Array)
        {
            return null;
        }

        int length = value.GetArrayLength();
        if (Limit(schema, "minItems") > length || Limit(schema, "maxItems") < length)
        {
            return $"{path} has {length} items, which is outside its limits";
        }

        bool hasPrefix = schema.TryGetProperty("prefixItems", out JsonElement prefix) && prefix.ValueKind is JsonValueKind.Array;
        int places = hasPrefix ? prefix.GetArrayLength() : 0;
        bool hasItems = schema.TryGetProperty("items", out JsonElement items);
        return value.EnumerateArray()
            .Select((item, i) => i < places ? Error(prefix[i], item, $"{path}[{i}]", depth + 1) : hasItems ? Error(items, item, $"{path}[{i}]", depth + 1) : null)
            .FirstOrDefault(static e => e is not null);
    }

    private string? Combined(JsonElement schema, JsonElement value, string path, int depth)
    {
        if (schema.TryGetProperty("allOf", out JsonElement all))
        {
            foreach (JsonElement part in all.EnumerateArray())
            {
                if (Error(part, value, path, depth + 1) is { } error)
                {
                    return error;
                }
            }
        }

        bool any = !schema.TryGetProperty("anyOf", out JsonElement choices) || choices.EnumerateArray().Any(c => Error(c, value, path, depth + 1) is null);
        bool one = !schema.TryGetProperty("oneOf", out JsonElement exact) || exact.EnumerateArray().Count(c => Error(c, value, path, depth + 1) is null) is 1;
        return any && one ? null : $"{path} does not match what anyOf or oneOf asks";
    }

    private static double? Limit(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out JsonElement limit) && limit.ValueKind is JsonValueKind.Number ? limit.GetDouble() : null;
}
