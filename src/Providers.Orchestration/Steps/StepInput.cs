using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>Reads the input of the handlers that come with the package; what is wrong is a fault that trying again does not mend.</summary>
internal readonly ref struct StepInput(WorkflowStepContext context)
{
    public string Text(string name) => Find(name) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text
        : throw Wrong(name, "a text that is not empty");

    public string? TextOrNull(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw Wrong(name, "a text"),
    };

    public double? Number(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out double number) => number,
        _ => throw Wrong(name, "a number"),
    };

    public IReadOnlyList<string> Texts(string name)
    {
        switch (Find(name))
        {
            case null:
                return [];
            case { ValueKind: JsonValueKind.Array } value when value.EnumerateArray().All(static v => v.ValueKind is JsonValueKind.String):
                return [.. value.EnumerateArray().Select(static v => v.GetString()!)];
            default:
                throw Wrong(name, "a list of texts");
        }
    }

    public JsonElement? Find(string name) => context.Input is { ValueKind: JsonValueKind.Object } input
        ? input.TryGetProperty(name, out JsonElement value) && value.ValueKind is not JsonValueKind.Null ? value : null
        : throw new WorkflowStepException($"The input of step '{context.Step.Id}' must be an object.", retry: false);

    private WorkflowStepException Wrong(string name, string wanted) => new($"Step '{context.Step.Id}' needs {wanted} as '{name}' of its input.", retry: false);
}
