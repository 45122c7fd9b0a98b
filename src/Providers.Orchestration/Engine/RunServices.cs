using Microsoft.Extensions.Logging;

namespace Providers.Orchestration;

/// <summary>What every run of an engine shares.</summary>
internal sealed record RunServices(IRunStore Store, StepRunner Runner, WorkflowOptions Options, TimeProvider Clock, ILogger Log)
{
    /// <summary>Fires when the host stops.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>Called by a run that has ended.</summary>
    public required Action<WorkflowRun> Forget { get; init; }

    /// <summary>Clears up after a workflow that has ended; what fails now is done at the next start.</summary>
    public async Task CloseAsync(RunState state, CancellationToken cancellationToken)
    {
        Log.Ended(state.Id, state.Status, state.Reason);
        try
        {
            await Store.CloseAsync(state.Tenant, state.Id, Clock.GetUtcNow() + TimeSpan.FromDays(Options.RetentionDays), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.SaveFailed(state.Id, 0, e);
        }
    }
}
