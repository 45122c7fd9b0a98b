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
    private Task _recovery = Task.CompletedTask;

    public WorkflowEngine(IWorkflowStore store, StepRunner runner, StepRegistry steps, IOptions<WorkflowOptions> options, EngineSurroundings surroundings)
    {
        _store = store;
        _steps = steps;
        _services = new RunServices(store, runner, options.Value, surroundings.Clock, surroundings.Log)
        {
            Stopping = _stopping.Token,
            Forget = run => _runs.TryRemove(new KeyValuePair<(string, string), WorkflowRun>((run.State.Tenant, run.State.Id), run)),
        };
    }

    public async Task<WorkflowSnapshot> StartAsync(string tenant, WorkflowDefinition definition, string? actor = null, CancellationToken cancellationToken = default)
    {
        DefinitionCheck.Tenant(tenant);
        new DefinitionCheck(_steps, _services.Options).Throw(definition);
        if (_runs.Count >= _services.Options.MaxOpenWorkflows && CountOpen() is var open && open >= _services.Options.MaxOpenWorkflows)
        {
            throw new WorkflowConflictException($"{open} workflows are open and {_services.Options.MaxOpenWorkflows} are allowed; wait until some have ended.");
        }

        DateTimeOffset now = _services.Clock.GetUtcNow();
        string id = WorkflowIds.New(tenant, definition, now);
        Changes begun = new(RunState.Begin(id, tenant, definition, now), now);
        begun.Say("started", detail: definition.Name, actor: actor);
        if (!await _store.CreateAsync(begun.Done(), cancellationToken).ConfigureAwait(false))
        {
            (RunState first, _) = await _store.LoadAsync(tenant, id, cancellationToken).ConfigureAwait(false) ?? throw new WorkflowConflictException($"Workflow '{id}' is being removed; try again.");
            WorkflowIds.EnsureSame(first, definition);
        }

        return await GetAsync(tenant, id, attach: true, cancellationToken).ConfigureAwait(false) ?? throw new WorkflowConflictException($"Workflow '{id}' was removed.");
    }

    public Task<WorkflowSnapshot?> GetAsync(string tenant, string workflowId, CancellationToken cancellationToken = default) => GetAsync(tenant, workflowId, attach: false, cancellationToken);

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
        _recovery = Task.Run(RecoverAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _recovery.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    /// <summary>Those that run or are paused: one that has ended, and is still being cleared away, is no longer open.</summary>
    private int CountOpen() => _runs.Values.Count(static r => !r.State.IsEnded);

    private async Task<WorkflowSnapshot?> GetAsync(string tenant, string workflowId, bool attach, CancellationToken cancellationToken)
    {
        DefinitionCheck.Tenant(tenant);
        if (!WorkflowIds.IsId(workflowId))
        {
            return null;
        }

        WorkflowRun? run = attach ? await AttachAsync(tenant, workflowId, cancellationToken).ConfigureAwait(false) : _runs.GetValueOrDefault((tenant, workflowId));
        RunState? state = run?.State ?? (await _store.LoadAsync(tenant, workflowId, cancellationToken).ConfigureAwait(false))?.State;
        return state is null ? null
            : await Snapshots.ReadAsync(state, i => run is not null ? run.OutputAsync(i, cancellationToken) : _store.LoadOutputAsync(tenant, workflowId, i, cancellationToken)).ConfigureAwait(false);
    }

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
            run.Begin();
            return run;
        }
        finally
        {
            _attaching.Release();
        }
    }

    /// <summary>Goes on with what was open when the host stopped; a store that is away is waited for.</summary>
    private async Task RecoverAsync()
    {
        for (TimeSpan delay = TimeSpan.FromSeconds(1); ; delay = delay < TimeSpan.FromSeconds(30) ? delay * 2 : delay)
        {
            try
            {
                int count = 0;
                await foreach ((string tenant, string id) in _store.ListOpenAsync(_stopping.Token).ConfigureAwait(false))
                {
                    if (await AttachAsync(tenant, id, _stopping.Token).ConfigureAwait(false) is not null)
                    {
                        count++;
                    }
                    else if (!_stopping.IsCancellationRequested)
                    {
                        RunState? ended = (await _store.LoadAsync(tenant, id, _stopping.Token).ConfigureAwait(false))?.State;
                        await _store.CloseAsync(tenant, id, ended is null ? null : ended.Updated + TimeSpan.FromDays(_services.Options.RetentionDays), _stopping.Token).ConfigureAwait(false);
                    }
                }

                if (count > 0)
                {
                    _services.Log.Recovered(count);
                }

                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _services.Log.RecoveryFailed(delay.TotalSeconds, e);
                await Task.Delay(delay, _services.Clock, _stopping.Token).ConfigureAwait(false);
            }
        }
    }
}
