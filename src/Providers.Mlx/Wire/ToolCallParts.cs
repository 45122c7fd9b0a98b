using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Mlx;

/// <summary>The calls of an answer while they arrive: whole from <c>mlx_lm.server</c>, in fragments from its relatives. Released only after the terminal mark.</summary>
internal sealed class ToolCallParts
{
    private readonly SortedDictionary<int, Part> _parts = [];

    public void Add(JsonElement calls)
    {
        int position = 0;
        foreach (JsonElement call in calls.EnumerateArray())
        {
            int index = call.TryGetProperty("index", out JsonElement at) && at.TryGetInt32(out int given) ? given : position;
            position++;
            if (!_parts.TryGetValue(index, out Part? part))
            {
                _parts[index] = part = new Part();
            }

            part.Id ??= Text(call, "id");
            if (call.TryGetProperty("function", out JsonElement function))
            {
                part.Name ??= Text(function, "name");
                part.Arguments.Append(Text(function, "arguments"));
            }
        }
    }

    public IReadOnlyList<FunctionCallContent> Take()
    {
        FunctionCallContent[] calls = [.. _parts.Select(static p => FunctionCallContent.CreateFromParsedArguments(
            p.Value.Arguments.ToString(), p.Value.Id ?? $"call_{p.Key}", p.Value.Name ?? "", Parse))];
        _parts.Clear();
        return calls;
    }

    private static IDictionary<string, object?>? Parse(string json) => json.Length is 0
        ? new Dictionary<string, object?>()
        : (IDictionary<string, object?>?)JsonSerializer.Deserialize(json, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(IDictionary<string, object?>)));

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private sealed class Part
    {
        public string? Id { get; set; }

        public string? Name { get; set; }

        public StringBuilder Arguments { get; } = new();
    }
}
