namespace Providers.Orchestration;

/// <summary>Runs workflows. What it acknowledged goes on after a crash. Safe for concurrent use.</summary>
/// <remarks>Every call names the tenant, which comes from the caller's identity; nothing of one tenant is ever seen by another.</remarks>
public interface IWorkflowEngine
{
    /// <summary>Starts a workflow.</summary>
    /// <param name="tenant">The tenant; 1 to 128 of <c>A-Z a-z 0-9 . _ : -</c>.</param>
    /// <param name="definition">The workflow.</param>
    /// <param name="actor">Who asks, for the history; <see langword="null"/>: unknown.</param>
    /// <param name="cancellationToken">Gives up waiting; the workflow may have been started. Starting again with the same idempotency key is safe.</param>
    /// <returns>The workflow as it stands: its start is durable.</returns>
    /// <exception cref="WorkflowValidationException">The definition is wrong.</exception>
    /// <exception cref="WorkflowConflictException">The idempotency key was used for another definition, or too many workflows are open.</exception>
    Task<WorkflowSnapshot> StartAsync(string tenant, WorkflowDefinition definition, string? actor = null, CancellationToken cancellationToken = default);

    /// <summary>Gets a workflow.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="workflowId">The workflow's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The workflow; <see langword="null"/> when the tenant has none with that id.</returns>
    Task<WorkflowSnapshot?> GetAsync(string tenant, string workflowId, CancellationToken cancellationToken = default);

    /// <summary>Waits until a workflow has ended, is paused or is stuck.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="workflowId">The workflow's id.</param>
    /// <param name="cancellationToken">Ends the waiting; the workflow goes on.</param>
    /// <returns>The workflow; <see langword="null"/> when the tenant has none with that id.</returns>
    Task<WorkflowSnapshot?> WaitAsync(string tenant, string workflowId, CancellationToken cancellationToken = default);

    /// <summary>Lists workflows, oldest first.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="limit">How many at most, 1 to 200.</param>
    /// <param name="cursor">Where to go on; <see langword="null"/>: at the beginning.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The workflows, without outputs, and where the next page begins, or <see langword="null"/>.</returns>
    Task<(IReadOnlyList<WorkflowSnapshot> Workflows, string? NextCursor)> ListAsync(string tenant, int limit = 50, string? cursor = null, CancellationToken cancellationToken = default);

    /// <summary>Gets the history of a workflow, oldest first.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="workflowId">The workflow's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>At most the last 1,000 events; empty when the tenant has no such workflow.</returns>
    Task<IReadOnlyList<WorkflowEvent>> GetHistoryAsync(string tenant, string workflowId, CancellationToken cancellationToken = default);

    /// <summary>Lets no further step begin. Steps under way finish.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="workflowId">The workflow's id.</param>
    /// <param name="actor">Who asks, for the history; <see langword="null"/>: unknown.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The workflow; <see langword="null"/> when the tenant has none with that id.</returns>
    /// <exception cref="WorkflowConflictException">It has ended, or is being undone.</exception>
    Task<WorkflowSnapshot?> PauseAsync(string tenant, string workflowId, string? actor = null, CancellationToken cancellationToken = default);

    /// <summary>Goes on with a paused workflow, or tries again to undo a stuck one.</summary>
    /// <inheritdoc cref="PauseAsync"/>
    /// <exception cref="WorkflowConflictException">It is neither paused nor stuck.</exception>
    Task<WorkflowSnapshot?> ResumeAsync(string tenant, string workflowId, string? actor = null, CancellationToken cancellationToken = default);

    /// <summary>Cancels the steps under way and undoes what was done, last first.</summary>
    /// <inheritdoc cref="PauseAsync"/>
    /// <exception cref="WorkflowConflictException">It has ended, or is being undone already.</exception>
    Task<WorkflowSnapshot?> CancelAsync(string tenant, string workflowId, string? actor = null, CancellationToken cancellationToken = default);
}
