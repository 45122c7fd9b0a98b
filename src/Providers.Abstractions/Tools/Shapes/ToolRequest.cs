using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Providers.Tools.Shapes;

/// <summary>A call whose arguments have passed the check of their shape.</summary>
internal sealed class ToolRequest(ToolCaller caller, IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress)
{
    public ToolCaller Caller => caller;

    public IProgress<ToolProgress>? Progress => progress;

    public IEnumerable<string> Names => arguments.Keys;

    public static ToolRequest Read(ObjectShape shape, AIFunctionArguments arguments)
    {
        ToolCaller caller = arguments.GetCaller();
        Dictionary<string, JsonElement> values = new(arguments.Count, StringComparer.Ordinal);
        List<string> errors = [];
        foreach ((string name, object? given) in arguments)
        {
            JsonElement value = JsonOf(given);
            shape.CheckField("", name, value, errors);
            values[name] = value;
        }

        shape.CheckMissing("", values.ContainsKey, errors);
        return errors.Count == 0 ? new ToolRequest(caller, values, arguments.GetProgress()) : throw new ToolException(ToolErrorCode.InvalidInput, string.Join(" ", errors));
    }

    public bool Has(string name) => Find(name) is not null;

    public string? Text(string name) => Find(name)?.GetString();

    public string Text(string name, string otherwise) => Text(name) ?? otherwise;

    public int Int(string name, int otherwise) => Find(name) is { } value ? (int)value.GetDouble() : otherwise;

    public long? Long(string name) => Find(name) is { } value ? (long)value.GetDouble() : null;

    public double? Double(string name) => Find(name)?.GetDouble();

    public bool Flag(string name) => Find(name) is { ValueKind: JsonValueKind.True };

    public IReadOnlyList<string>? Texts(string name) => Find(name) is { } list ? [.. list.EnumerateArray().Select(static e => e.GetString()!)] : null;

    public JsonElement? Json(string name) => Find(name);

    public DateTimeOffset? Moment(string name) => Text(name) is { } text && TextShape.TryReadMoment(text, out DateTimeOffset moment) ? moment : null;

    /// <summary>Reads an object of a list as a request of its own, for the same caller.</summary>
    public ToolRequest Part(JsonElement value) => new(caller, value.EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value, StringComparer.Ordinal), progress);

    private static JsonElement JsonOf(object? value) => value switch
    {
        JsonElement json => json,
        null => JsonElement.Parse("null"),
        string[] texts => JsonElement.Parse(new JsonArray([.. texts.Select(static t => (JsonNode?)t)]).ToJsonString()),
        _ => JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType())),
    };

    private JsonElement? Find(string name) => arguments.TryGetValue(name, out JsonElement value) && value.ValueKind is not JsonValueKind.Null ? value : null;
}
