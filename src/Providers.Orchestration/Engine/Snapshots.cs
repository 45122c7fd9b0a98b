using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>Shows a state to callers.</summary>
internal static class Snapshots
{
    private static readonly Dictionary<int, JsonElement> s_none = [];

    /// <summary>The state without outputs.</summary>
    public static WorkflowSnapshot Of(RunState state) => Of(state, s_none);

    /// <summary>The state with the outputs there are.</summary>
    public static async ValueTask<WorkflowSnapshot> ReadAsync(RunState state, Func<int, ValueTask<JsonElement?>> read)
    {
        Dictionary<int, JsonElement> outputs = [];
        for (int i = 0; i < state.Steps.Length; i++)
        {
            if (state.Steps[i].HasOutput && await read(i).ConfigureAwait(false) is { } output)
            {
                outputs[i] = output;
            }
        }

        return Of(state, outputs);
    }

    private static WorkflowSnapshot Of(RunState state, Dictionary<int, JsonElement> outputs) => new(state.Id, state.Name, state.Status, [.. state.Steps.Select((s, i) => new WorkflowStepSnapshot(s.Id, s.Status)
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
