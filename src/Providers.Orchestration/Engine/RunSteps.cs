using System.Collections.Concurrent;
using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>Tries the steps of one workflow and undoes them; knows what each has given.</summary>
internal sealed class RunSteps(RunServices services, StepGraph graph)
{
    private readonly ConcurrentDictionary<int, JsonElement> _outputs = [];

    public void Keep(int step, JsonElement output) => _outputs[step] = output;

    public async ValueTask<JsonElement?> OutputAsync(RunState state, int step, CancellationToken cancellationToken)
    {
        if (_outputs.TryGetValue(step, out JsonElement output))
        {
            return output;
        }

        JsonElement? stored = state.Steps[step].HasOutput ? await services.Store.LoadOutputAsync(state.Tenant, state.Id, step, cancellationToken).ConfigureAwait(false) : null;
        if (stored is { } value)
        {
            _outputs.TryAdd(step, value);
        }

        return stored;
    }

    public Task<StepResult> ExecuteAsync(RunState state, int step, CancellationToken cancellationToken) => AttemptAsync(state, step, services.Runner.ExecuteAsync, cancellationToken);

    public Task<StepResult> CompensateAsync(RunState state, int step, CancellationToken cancellationToken) => AttemptAsync(
        state,
        step,
        async (context, token) => await services.Runner.CompensateAsync(context, await OutputAsync(state, step, token).ConfigureAwait(false), token).ConfigureAwait(false),
        cancellationToken);

    private async Task<StepResult> AttemptAsync(RunState state, int step, Func<WorkflowStepContext, CancellationToken, Task<StepResult>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run(await ContextAsync(state, step, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // What the outputs of other steps could not be read for is this step's failure.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return StepResult.Of(e);
        }
    }

    private async ValueTask<WorkflowStepContext> ContextAsync(RunState state, int index, CancellationToken cancellationToken)
    {
        Dictionary<string, JsonElement> outputs = new(StringComparer.Ordinal);
        foreach (int ancestor in graph.Ancestors(index))
        {
            if (await OutputAsync(state, ancestor, cancellationToken).ConfigureAwait(false) is { } output)
            {
                outputs[state.Steps[ancestor].Id] = output;
            }
        }

        WorkflowStep step = state.Definition.Steps[index];
        return new WorkflowStepContext
        {
            Tenant = state.Tenant,
            WorkflowId = state.Id,
            Step = step,
            Attempt = state.Steps[index].Attempts,
            Outputs = outputs,
            Input = InputTemplate.Fill(step.Input, name => outputs.TryGetValue(name, out JsonElement value) ? value : name == InputTemplate.Context ? state.Definition.Context : null),
        };
    }
}
