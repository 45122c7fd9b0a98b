using System.Globalization;
using System.Text.Json;

namespace Providers.Orchestration.Orleans;

/// <summary>Hands every call to the grain of its workflow, in whichever silo that is.</summary>
internal sealed class OrleansWorkflowEngine(IGrainFactory grains, TimeProvider clock) : IWorkflowEngine
{
    public async Task<WorkflowSnapshot> StartAsync(string tenant, WorkflowDefinition definition, string? actor = null, CancellationToken cancellationToken = default)
    {
        DefinitionCheck.Tenant(tenant);
        ArgumentNullException.ThrowIfNull(definition);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(definition, ClusterJson.Default.WorkflowDefinition);
        IWorkflowGrain grain = Of(WorkflowIds.New(tenant, definition, clock.GetUtcNow()));
        return Open(await clock.RepeatAsync(() => grain.StartAsync(tenant, json, actor), static r => r.Moves, cancellationToken).ConfigureAwait(false))!;
    }

    public async Task<WorkflowSnapshot?> GetAsync(string tenant, string workflowId, CancellationToken cancellationToken = default)
    {
        DefinitionCheck.Tenant(tenant);
        return !WorkflowIds.IsId(workflowId) ? null
            : Open(await clock.RepeatAsync(() => Of(workflowId).GetAsync(tenant), static r => r.Moves, cancellationToken).ConfigureAwait(false));
    }

    public async Task<WorkflowSnapshot?> WaitAsync(string tenant, string workflowId, CancellationToken cancellationToken = default)
    {
        DefinitionCheck.Tenant(tenant);
        WorkflowRest rest = WorkflowRest.Missing;
        do
        {
            if (WorkflowIds.IsId(workflowId))
            {
                rest = await clock.RepeatAsync(() => Of(workflowId).WaitAsync(tenant), static r => r is WorkflowRest.Moves, cancellationToken).ConfigureAwait(false);
            }
        }
        while (rest is WorkflowRest.Open or WorkflowRest.Moves);
        return rest is WorkflowRest.Missing ? null : await GetAsync(tenant, workflowId, cancellationToken).ConfigureAwait(false);
    }

    public async Task<(IReadOnlyList<WorkflowSnapshot> Workflows, string? NextCursor)> ListAsync(string tenant, int limit = 50, string? cursor = null, CancellationToken cancellationToken = default)
    {
        DefinitionCheck.Tenant(tenant);
        long after = -1;
        List<string> errors = limit is >= 1 and <= 200 ? [] : [$"limit: {limit} is not 1 to 200."];
        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            errors.Add($"cursor: '{cursor}' is not one that a listing gave.");
        }

        if (errors.Count > 0)
        {
            throw new WorkflowValidationException(errors);
        }

        WorkflowListReply reply = await clock.RepeatAsync(() => grains.GetGrain<IWorkflowListGrain>(tenant).ListAsync(after, limit), static _ => false, cancellationToken).ConfigureAwait(false);
        return (JsonSerializer.Deserialize(reply.Workflows, ClusterJson.Default.IReadOnlyListWorkflowSnapshot)!, reply.After?.ToString(CultureInfo.InvariantCulture));
    }

    public async Task<IReadOnlyList<WorkflowEvent>> GetHistoryAsync(string tenant, string workflowId, CancellationToken cancellationToken = default)
    {
        DefinitionCheck.Tenant(tenant);
        return !WorkflowIds.IsId(workflowId) ? []
            : JsonSerializer.Deserialize(
                await clock.RepeatAsync(() => Of(workflowId).HistoryAsync(tenant), static _ => false, cancellationToken).ConfigureAwait(false), ClusterJson.Default.IReadOnlyListWorkflowEvent)!;
    }

    public Task<WorkflowSnapshot?> PauseAsync(string tenant, string workflowId, string? actor = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(tenant, workflowId, WorkflowVerb.Pause, actor, cancellationToken);

    public Task<WorkflowSnapshot?> ResumeAsync(string tenant, string workflowId, string? actor = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(tenant, workflowId, WorkflowVerb.Resume, actor, cancellationToken);

    public Task<WorkflowSnapshot?> CancelAsync(string tenant, string workflowId, string? actor = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(tenant, workflowId, WorkflowVerb.Cancel, actor, cancellationToken);

    private static WorkflowSnapshot? Open(WorkflowReply reply) => reply switch
    {
        { Errors: { } errors } => throw new WorkflowValidationException(errors),
        { Conflict: { } conflict } => throw new WorkflowConflictException(conflict),
        { Snapshot: { } json } => JsonSerializer.Deserialize(json, ClusterJson.Default.WorkflowSnapshot),
        _ => null,
    };

    private IWorkflowGrain Of(string workflowId) => grains.GetGrain<IWorkflowGrain>(workflowId);

    private async Task<WorkflowSnapshot?> ChangeAsync(string tenant, string workflowId, WorkflowVerb verb, string? actor, CancellationToken cancellationToken)
    {
        DefinitionCheck.Tenant(tenant);
        return !WorkflowIds.IsId(workflowId) ? null
            : Open(await clock.OnceAsync(() => Of(workflowId).ChangeAsync(tenant, verb, actor), static r => r.Moves, cancellationToken).ConfigureAwait(false));
    }
}
