using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Providers.AspNetCore.OpenAI;

namespace Providers.AspNetCore.Documents;

/// <summary>The schemas of a document: each type once, under its name.</summary>
internal sealed class SchemaBook
{
    private static readonly JsonSchemaExporterOptions s_options = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = static (context, node) => context.TypeInfo.Type switch
        {
            // What a converter reads, the exporter cannot know.
            Type t when t == typeof(List<WirePart>) && node is JsonValue => JsonNode.Parse("""{"description":"A text, or a list of parts.","type":["string","array","null"],"items":{"type":"object"}}""")!,
            Type t when t == typeof(List<string>) && node is JsonValue => JsonNode.Parse("""{"description":"A text, or a list of texts.","type":["string","array","null"],"items":{"type":"string"}}""")!,
            _ => node,
        },
    };

    private readonly SortedDictionary<string, JsonNode> _schemas = new(StringComparer.Ordinal);

    public JsonObject Reference(JsonTypeInfo type)
    {
        string name = NameOf(type.Type);
        if (!_schemas.ContainsKey(name))
        {
            _schemas[name] = type.GetJsonSchemaAsNode(s_options);
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    public JsonObject Write()
    {
        JsonObject schemas = new()
        {
            ["OpenAIError"] = JsonNode.Parse("""
                {"type":"object","required":["error"],"properties":{"error":{"type":"object","required":["message","type","param","code"],"properties":{
                "message":{"type":"string"},"type":{"type":"string"},"param":{"type":["string","null"]},"code":{"type":["string","null"]}}}}}
                """),
            ["Problem"] = JsonNode.Parse("""
                {"type":"object","required":["type","title","status","detail","code","retryable","traceId","errors"],"properties":{
                "type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},"code":{"type":"string"},"retryable":{"type":"boolean"},
                "traceId":{"type":"string"},"errors":{"type":"array","items":{"type":"object","required":["pointer","detail"],"properties":{"pointer":{"type":"string"},"detail":{"type":"string"}}}}}}
                """),
        };
        foreach ((string name, JsonNode schema) in _schemas)
        {
            schemas[name] = schema.DeepClone();
        }

        return schemas;
    }

    private static string NameOf(Type type)
    {
        string name = type.Name;
        foreach (string suffix in (ReadOnlySpan<string>)["View", "Wire"])
        {
            name = name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name;
        }

        return name.StartsWith("Wire", StringComparison.Ordinal) ? name[4..] : name;
    }
}
