using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Providers.Orchestration;

/// <summary>Runs one try of a step, or of its undoing, within its time and the room there is for steps.</summary>
internal sealed class StepRunner(StepRegistry steps, IOptions<WorkflowOptions> options, EngineSurroundings surroundings) : IDisposable
{
    private readonly SemaphoreSlim _room = new(options.Value.MaxRunningSteps);

    public Task<StepResult> ExecuteAsync(WorkflowStepContext context, CancellationToken cancellationToken) =>
        RunAsync(context, (handler, token) => handler.ExecuteAsync(context, token), cancellationToken);

    public Task<StepResult> CompensateAsync(WorkflowStepContext context, JsonElement? output, CancellationToken cancellationToken) =>
        RunAsync(
            context,
            async (handler, token) =>
            {
                await handler.CompensateAsync(context, output, token).ConfigureAwait(false);
                return null;
            },
            cancellationToken);

    public void Dispose() => _room.Dispose();

    private async Task<StepResult> RunAsync(WorkflowStepContext context, Func<IWorkflowStep, CancellationToken, ValueTask<JsonElement?>> run, CancellationToken cancellationToken)
    {
        try
        {
            await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return StepResult.Failed("It was told to stop before its turn came.", false);
        }

        using CancellationTokenSource late = new(context.Step.Timeout, surroundings.Clock);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            // On the pool: a handler that blocks must not hold up the workflow's own loop.
            JsonElement? output = await Task.Run(async () => await run(steps.Get(context.Step.Handler), both.Token).ConfigureAwait(false), CancellationToken.None).ConfigureAwait(false);
            return StepResult.Done(output, options.Value.DocumentBytes);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return StepResult.Failed("It was told to stop.", false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return StepResult.Failed($"It took longer than {context.Step.Timeout}.", true);
        }
#pragma warning disable CA1031 // Whatever a handler throws is the step's failure.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return StepResult.Of(e);
        }
        finally
        {
            _room.Release();
        }
    }
}
