using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Providers.Operations.Tests;

/// <summary>The words of JSON Schema that our own schema uses; an unknown word is an error, so that none is ignored.</summary>
internal static class JsonSchema
{
    private static readonly string[] Known = ["$comment", "$defs", "$ref", "type", "required", "properties", "additionalProperties", "items", "enum", "pattern", "minimum"];

    public static IEnumerable<string> Errors(JsonNode? value, JsonNode schema, JsonNode root, string path = "$")
    {
        JsonObject rules = schema.AsObject();
        foreach (string word in rules.Select(static p => p.Key).Except(Known))
        {
            yield return $"{path}: the schema says '{word}', which this validator does not know";
        }

        if ((string?)rules["$ref"] is { } name)
        {
            foreach (string error in Errors(value, root["$defs"]![name]!, root, path))
            {
                yield return error;
            }
        }

        if ((string?)rules["type"] is { } type && !Is(value, type))
        {
            yield return $"{path} is no {type}";
            yield break;
        }

        if (rules["enum"] is JsonArray allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
        {
            yield return $"{path} is {value?.ToJsonString()}, not one of {allowed.ToJsonString()}";
        }

        if ((string?)rules["pattern"] is { } pattern && !Regex.IsMatch((string)value!, pattern))
        {
            yield return $"{path} is '{value}', which does not match {pattern}";
        }

        if (rules["minimum"] is { } least && (double)value! < (double)least)
        {
            yield return $"{path} is {value}, below {least}";
        }

        if (value is JsonObject members)
        {
            foreach (string needed in (rules["required"] as JsonArray ?? []).Select(static n => (string)n!).Where(n => !members.ContainsKey(n)))
            {
                yield return $"{path} lacks {needed}";
            }

            JsonObject properties = rules["properties"] as JsonObject ?? [];
            foreach ((string key, JsonNode? member) in members)
            {
                if (properties[key] is { } rule)
                {
                    foreach (string error in Errors(member, rule, root, $"{path}.{key}"))
                    {
                        yield return error;
                    }
                }
                else if (rules["additionalProperties"] is { } more && !(bool)more)
                {
                    yield return $"{path} has {key}, which the schema does not know";
                }
            }
        }

        if (value is JsonArray list && rules["items"] is { } each)
        {
            for (int i = 0; i < list.Count; i++)
            {
                foreach (string error in Errors(list[i], each, root, $"{path}[{i}]"))
                {
                    yield return error;
                }
            }
        }
    }

    private static bool Is(JsonNode? value, string type) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value is JsonValue v && v.TryGetValue(out string? _),
        "integer" => value is JsonValue v && v.TryGetValue(out int _),
        _ => throw new ArgumentException($"The type '{type}' is unknown.", nameof(type)),
    };
}
