using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Providers.Tests.Support;
using Providers.Tools;

namespace Providers.Tests.Tools;

/// <summary>Calls a composite's tools as a door does.</summary>
internal static class ToolCalls
{
    public static AIFunction Tool(this TestComposite composite, string name) =>
        composite.Services.GetServices<IToolset>().Single(static t => t.Name == "providers").Tools.Single(t => t.Name == name);

    public static async Task<JsonElement> CallAsync(this TestComposite composite, string name, string arguments = "{}")
    {
        Dictionary<string, object?> given = JsonElement.Parse(arguments).EnumerateObject().ToDictionary(static p => p.Name, static p => (object?)p.Value);
        return (JsonElement)(await composite.Tool(name).InvokeAsync(new AIFunctionArguments(given).SetCaller(new ToolCaller("acme"))))!;
    }

    public static async Task<ToolException> RefusedAsync(this TestComposite composite, string name, string arguments = "{}") =>
        (await FluentActions.Awaiting(() => composite.CallAsync(name, arguments)).Should().ThrowAsync<ToolException>()).Which;

    /// <summary>A schema on one line: <c>{a!: text, b: [number]}</c>, where ! is for what is always there.</summary>
    public static string Shape(JsonElement schema)
    {
        string type = schema.GetProperty("type").GetString()!;
        if (type == "array")
        {
            return $"[{Shape(schema.GetProperty("items"))}]";
        }

        if (type != "object")
        {
            return type;
        }

        string[] required = schema.TryGetProperty("required", out JsonElement names) ? [.. names.EnumerateArray().Select(static n => n.GetString()!)] : [];
        StringBuilder text = new("{");
        text.AppendJoin(", ", schema.GetProperty("properties").EnumerateObject().Select(p => $"{p.Name}{(required.Contains(p.Name) ? "!" : "")}: {Shape(p.Value)}"));
        return text.Append('}').ToString();
    }

    /// <summary>Says what of a value its schema does not allow: a name it does not know, one that is missing, another type.</summary>
    public static IEnumerable<string> Misfits(JsonElement schema, JsonElement value, string at = "$")
    {
        string type = schema.GetProperty("type").GetString()!;
        bool fits = type switch
        {
            "object" => value.ValueKind is JsonValueKind.Object,
            "array" => value.ValueKind is JsonValueKind.Array,
            "string" => value.ValueKind is JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "integer" => value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out _),
            _ => value.ValueKind is JsonValueKind.Number,
        };
        if (!fits)
        {
            return [$"{at} is no {type}"];
        }

        return value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray().SelectMany((item, i) => Misfits(schema.GetProperty("items"), item, $"{at}[{i}]")),
            JsonValueKind.Object => value.EnumerateObject()
                .SelectMany(p => schema.GetProperty("properties").TryGetProperty(p.Name, out JsonElement known) ? Misfits(known, p.Value, $"{at}.{p.Name}") : [$"{at}.{p.Name} is unknown"])
                .Concat(schema.TryGetProperty("required", out JsonElement required)
                    ? required.EnumerateArray().Where(n => !value.TryGetProperty(n.GetString()!, out _)).Select(n => $"{at}.{n} is missing") : []),
            _ => [],
        };
    }
}
