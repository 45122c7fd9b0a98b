using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>Shows a state to callers.</summary>
internal static class Snapshots
{
    public static WorkflowSnapshot Of(RunState state, IReadOnlyDictionary<int, JsonElement> outputs) => new(state.Id, state.Name, state.Status, [.. state.Steps.Select((s, i) => new WorkflowStepSnapshot(s.Id, s.Status)
    {
        Attempts = s.Attempts,
        Started = s.Started,
        Ended = s.Ended,
        Error = s.Error,
        Output = outputs.TryGetValue(i, out JsonElement output) ? output : null,
    })])
    {
        Goal = state.Goal,
        Reason = state.Reason,
        Created = state.Created,
        Updated = state.Updated,
        Version = state.Sequence,
    };
}
