using System.Text.Json;
using Providers.Orchestration;

namespace Providers.Conformance.Orchestration;

/// <summary>Short words for workflows. Steps may take a day, so that a clock that is moved while a machine is slow does not end them.</summary>
public static class Flows
{
    public static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    public static WorkflowStep Step(string id, params string[] needs) => new() { Id = id, Handler = "note", DependsOn = needs, Timeout = TimeSpan.FromHours(24) };

    public static WorkflowStep Gate(string id, params string[] needs) => new() { Id = id, Handler = "gate", DependsOn = needs, Timeout = TimeSpan.FromHours(24) };

    public static WorkflowDefinition Flow(params WorkflowStep[] steps) => new() { Name = "flow", Steps = steps };
}
