using System.Text.Json.Serialization;

namespace Providers.Orchestration.Orleans;

/// <summary>How workflows are written between hosts and into storage.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(WorkflowDefinition))]
[JsonSerializable(typeof(WorkflowSnapshot))]
[JsonSerializable(typeof(IReadOnlyList<WorkflowSnapshot>))]
[JsonSerializable(typeof(IReadOnlyList<WorkflowEvent>))]
[JsonSerializable(typeof(RunDocument))]
[JsonSerializable(typeof(ListHead))]
[JsonSerializable(typeof(ListPage))]
internal sealed partial class ClusterJson : JsonSerializerContext;
