using System.Text.Json;
using System.Text.Json.Serialization;

namespace Providers.Orchestration;

/// <summary>How workflows are written: compact, ASCII.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(WorkflowDefinition))]
[JsonSerializable(typeof(WorkflowEvent))]
[JsonSerializable(typeof(WorkflowPlan))]
[JsonSerializable(typeof(WorkTask))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string))]
internal sealed partial class WorkflowJson : JsonSerializerContext
{
    public static string Text(JsonElement value) => JsonSerializer.Serialize(value, Default.JsonElement);
}
