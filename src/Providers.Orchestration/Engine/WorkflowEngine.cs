using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Providers.Orchestration;

/// <inheritdoc/>
internal sealed class WorkflowEngine : IWorkflowEngine, IHostedService, IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Tenant, string Id), WorkflowRun> _runs = [];
    private readonly SemaphoreSlim _attaching = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly IWorkflowStore _store;
    private readonly RunServices _services;
    private readonly StepRegistry _steps;
    private readonly WorkflowRoom _room;
    private readonly WorkflowRecovery _recovery;
    private Task _recovering = Task.CompletedTask;

    public WorkflowEngine(IWorkflowStore store, StepRunner runner, StepRegistry steps, IOptions<WorkflowOptions> options, EngineSurroundings surroundings)
    {
        _store = store;
        _steps = steps;
        _room = new WorkflowRoom(options.Value.MaxOpenWorkflows);
        _services = new RunServices(store, runner, options.Value, surroundings.Clock, surroundings.Log)
        {
            Stopping = _stopping.Token,
            Forget = run =>
            {
                _room.Closed(run);
                _runs.TryRemove(new KeyValuePair<(string, string), WorkflowRun>((run.State.Tenant, run.State.Id), run));
            },
        };
        _recovery = new WorkflowRecovery(store, _services, _room, AttachAsync);
    }

    public async Task<WorkflowSnapshot> StartAsync(string tenant, WorkflowDefinition definition, string? actor = null, CancellationToken cancellationToken = default)
    {
        DefinitionCheck.Tenant(tenant);
        new DefinitionCheck(_steps, _services.Options).Throw(definition);
        DateTimeOffset now = _services.Clock.GetUtcNow();
        Changes begun = new(RunState.Begin(WorkflowIds.New(tenant, definition, now), tenant, definition, now), now);
        begun.Say("started", detail: definition.Name, actor: actor);
        await BeginAsync(begun.Done(), cancellationToken).ConfigureAwait(false);
        return await GetAsync(tenant, begun.State.Id, cancellationToken).ConfigureAwait(false) ?? throw new WorkflowConflictException($"Workflow '{begun.State.Id}' was removed.");
    }

    public async Task<WorkflowSnapshot?> GetAsync(string tenant, string workflowId, CancellationToken cancellationToken = default)
    {
        DefinitionCheck.Tenant(tenant);
        if (!WorkflowIds.IsId(workflowId))
        {
            return null;
        }

        WorkflowRun? run = _runs.GetValueOrDefault((tenant, workflowId));
        RunState? state = run?.State ?? (await _store.LoadAsync(tenant, workflowId, cancellationToken).ConfigureAwait(false))?.State;
        return state is null ? null
            : await Snapshots.ReadAsync(state, i => run is not null ? run.OutputAsync(i, cancellationToken) : _store.LoadOutputAsync(tenant, workflowId, i, cancellationToken)).ConfigureAwait(false);
    }

    public async Task<WorkflowSnapshot?> WaitAsync(string tenant, string workflowId, CancellationToken cancellationToken = default)
    {
        DefinitionCheck.Tenant(tenant);
        if (await AttachAsync(tenant, workflowId, cancellationToken).ConfigureAwait(false) is { } run)
        {
            await run.RestAsync(cancellationToken).ConfigureAwait(false);
        }

        return await GetAsync(tenant, workflowId, cancellationToken).ConfigureAwait(false);
    }

    public async Task<(IReadOnlyList<WorkflowSnapshot> Workflows, string? NextCursor)> ListAsync(string tenant, int limit = 50, string? cursor = null, CancellationToken cancellationToken = default)
    {
        DefinitionCheck.Tenant(tenant);
        (IReadOnlyList<RunState> states, string? next) = await _store.ListAsync(tenant, limit, cursor, cancellationToken).ConfigureAwait(false);
        return ([.. states.Select(Snapshots.Of)], next);
    }

    public async Task<IReadOnlyList<WorkflowEvent>> GetHistoryAsync(string tenant, string workflowId, CancellationToken cancellationToken = default)
    {
        DefinitionCheck.Tenant(tenant);
        return WorkflowIds.IsId(workflowId) ? await _store.LoadEventsAsync(tenant, workflowId, cancellationToken).ConfigureAwait(false) : [];
    }

    public Task<WorkflowSnapshot?> PauseAsync(string tenant, string workflowId, string? actor = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(tenant, workflowId, (state, now) => WorkflowMachine.Pause(state, actor, now), cancellationToken);

    public Task<WorkflowSnapshot?> ResumeAsync(string tenant, string workflowId, string? actor = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(tenant, workflowId, (state, now) => WorkflowMachine.Resume(state, actor, now), cancellationToken);

    public Task<WorkflowSnapshot?> CancelAsync(string tenant, string workflowId, string? actor = null, CancellationToken cancellationToken = default) =>
        ChangeAsync(tenant, workflowId, (state, now) => WorkflowMachine.Cancel(state, actor, now), cancellationToken);

    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        _recovery.Look();
        _recovering = Task.Run(_recovery.RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _recovering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        WorkflowRun[] open = [.. _runs.Values];
        await Task.WhenAll(open.Select(static r => r.Completion)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (open.Count(static r => !r.Completion.IsCompleted) is > 0 and int left)
        {
            _services.Log.LeftBehind(left, _services.Options.StopSeconds);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
        }

        _attaching.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Writes a new workflow and lets it run; one that is there by the same key already must be the same.</summary>
    private async Task BeginAsync(Transition begun, CancellationToken cancellationToken)
    {
        RunState state = begun.State;
        RunState? first = state.Definition.IdempotencyKey is null ? null : await FindAsync(state, cancellationToken).ConfigureAwait(false);
        if (first is null)
        {
            if (!_room.TryEnter(state.Id, out int open))
            {
                throw new WorkflowConflictException($"{open} workflows are open and {_services.Options.MaxOpenWorkflows} are allowed; wait until some have ended.");
            }

            bool known = false;
            try
            {
                if (!await _store.CreateAsync(begun, cancellationToken).ConfigureAwait(false))
                {
                    first = await FindAsync(state, cancellationToken).ConfigureAwait(false) ?? throw new WorkflowConflictException($"Workflow '{state.Id}' is being removed; try again.");
                }
                else
                {
                    await AttachAsync(state.Tenant, state.Id, cancellationToken).ConfigureAwait(false);
                }

                known = true;
            }
            finally
            {
                _room.Leave(state.Id);
                if (!known)
                {
                    _recovery.Look(); // it may have been written, and is not to lie there because its caller went or the store failed
                }
            }
        }

        if (first is not null)
        {
            WorkflowIds.EnsureSame(first, state.Definition);
            await AttachAsync(state.Tenant, state.Id, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<RunState?> FindAsync(RunState wanted, CancellationToken cancellationToken) => (await _store.LoadAsync(wanted.Tenant, wanted.Id, cancellationToken).ConfigureAwait(false))?.State;

    private async Task<WorkflowSnapshot?> ChangeAsync(string tenant, string workflowId, Func<RunState, DateTimeOffset, Transition> change, CancellationToken cancellationToken)
    {
        DefinitionCheck.Tenant(tenant);
        if (await AttachAsync(tenant, workflowId, cancellationToken).ConfigureAwait(false) is { } run)
        {
            try
            {
                await run.ChangeAsync(change, cancellationToken).ConfigureAwait(false);
            }
            catch (WorkflowTakenException e)
            {
                throw new WorkflowConflictException(e.Message);
            }
        }
        else if (WorkflowIds.IsId(workflowId) && await _store.LoadAsync(tenant, workflowId, cancellationToken).ConfigureAwait(false) is { State: var found })
        {
            change(found, _services.Clock.GetUtcNow()); // says why it cannot be
            throw new WorkflowConflictException(WorkflowTakenException.Stopping(workflowId).Message); // it could: only a host that stops does not attach it
        }

        return await GetAsync(tenant, workflowId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The run of an open workflow, begun here if it was not; <see langword="null"/>: it has ended, or there is none.</summary>
    private async Task<WorkflowRun?> AttachAsync(string tenant, string workflowId, CancellationToken cancellationToken)
    {
        if (_runs.TryGetValue((tenant, workflowId), out WorkflowRun? run) || !WorkflowIds.IsId(workflowId))
        {
            return run;
        }

        await _attaching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_runs.TryGetValue((tenant, workflowId), out run) || _stopping.IsCancellationRequested)
            {
                return run;
            }

            if (await _store.LoadAsync(tenant, workflowId, cancellationToken).ConfigureAwait(false) is not { State.IsEnded: false } open)
            {
                return null;
            }

            run = new WorkflowRun(_services, open.State, open.Version);
            _runs[(tenant, workflowId)] = run;
            _room.Opened(run);
            run.Begin();
            return run;
        }
        finally
        {
            _attaching.Release();
        }
    }
}
