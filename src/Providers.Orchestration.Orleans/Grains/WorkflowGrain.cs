using System.Text.Json;
using Orleans.Placement;
using Orleans.Runtime;

namespace Providers.Orchestration.Orleans;

/// <summary>Holds one workflow's run while it is open. The cluster sees to it that there is one such grain, and the version of what is kept that a second one can do no harm.</summary>
/// <remarks>The run works on the pool, as in one process; what concerns Orleans itself is done in turns of the grain.</remarks>
[GrainType(Type)]
[Immovable]
internal sealed class WorkflowGrain(SiloWorkflows silo) : Grain, IWorkflowGrain, IRemindable, IDisposable
{
    public const string Type = "providers.workflow";

    private const string Reminder = "go-on";
    private readonly CancellationTokenSource _stop = new();
    private GrainWorkflowStore _store = null!;
    private TaskScheduler _turns = TaskScheduler.Default;
    private WorkflowRun? _run;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _turns = TaskScheduler.Current;
        _store = new GrainWorkflowStore(silo.Documents(this.GetGrainId()), CloseAsync);
        if (await _store.LoadAsync(cancellationToken).ConfigureAwait(true) is { IsEnded: false } open)
        {
            Begin(open);
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_run is { } run)
        {
            if (!run.State.IsEnded)
            {
                await _stop.CancelAsync().ConfigureAwait(true);
            }

            await run.Completion.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    public void Dispose() => _stop.Dispose();

    public async Task<WorkflowReply> StartAsync(string tenant, byte[] definition, string? actor)
    {
        WorkflowDefinition wanted = JsonSerializer.Deserialize(definition, ClusterJson.Default.WorkflowDefinition)!;
        try
        {
            new DefinitionCheck(silo.Steps, silo.Options).Throw(wanted);
            if (_store.State is { } first)
            {
                WorkflowIds.EnsureSame(first, wanted);
                return await ShowAsync().ConfigureAwait(true);
            }
        }
        catch (WorkflowValidationException e)
        {
            return new WorkflowReply { Errors = [.. e.Errors] };
        }
        catch (WorkflowConflictException e)
        {
            return new WorkflowReply { Conflict = e.Message };
        }

        string id = this.GetPrimaryKeyString();
        if (!silo.Room.TryEnter(id, out int open))
        {
            DeactivateOnIdle(); // the next try may find a place in another silo
            return new WorkflowReply { Conflict = $"{open} workflows are open in this silo and {silo.Options.MaxOpenWorkflows} are allowed; wait until some have ended, or add silos." };
        }

        try
        {
            // Whatever fails from here on, the workflow is either there and looked after, or not there: reminder and place are of no use without it, and go by themselves.
            await this.RegisterOrUpdateReminder(Reminder, silo.Period, silo.Period).ConfigureAwait(true);
            long place = await GrainFactory.GetGrain<IWorkflowListGrain>(tenant).AddAsync(id).ConfigureAwait(true);
            DateTimeOffset now = silo.Now;
            Changes begun = new(RunState.Begin(id, tenant, wanted, now), now);
            begun.Say("started", detail: wanted.Name, actor: actor);
            if (!await _store.CreateAsync(begun.Done(), place, CancellationToken.None).ConfigureAwait(true))
            {
                DeactivateOnIdle(); // another activation was first; the next one finds what it wrote
                return Moving();
            }

            Begin(_store.State!);
        }
        finally
        {
            silo.Room.Leave(id);
        }

        return await ShowAsync().ConfigureAwait(true);
    }

    public async Task<WorkflowReply> GetAsync(string tenant) => IsOf(tenant) ? await ShowAsync().ConfigureAwait(true) : WorkflowReply.None;

    public async Task<WorkflowRest> WaitAsync(string tenant)
    {
        if (!IsOf(tenant))
        {
            return WorkflowRest.Missing;
        }

        if (_run is { } run && _store.State is { IsAtRest: false })
        {
            using CancellationTokenSource late = new(silo.Wait, silo.Clock);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, silo.Stopping);
            try
            {
                await run.RestAsync(either.Token).ConfigureAwait(true);
            }
            catch (OperationCanceledException)
            {
                return late.IsCancellationRequested ? WorkflowRest.Open : WorkflowRest.Moves;
            }
        }

        return WorkflowRest.Rests;
    }

    public async Task<WorkflowReply> ChangeAsync(string tenant, WorkflowVerb verb, string? actor)
    {
        if (!IsOf(tenant))
        {
            return WorkflowReply.None;
        }

        Func<RunState, DateTimeOffset, Transition> change = verb switch
        {
            WorkflowVerb.Pause => (state, now) => WorkflowMachine.Pause(state, actor, now),
            WorkflowVerb.Resume => (state, now) => WorkflowMachine.Resume(state, actor, now),
            _ => (state, now) => WorkflowMachine.Cancel(state, actor, now),
        };
        try
        {
            if (_store.State is { IsEnded: true } ended)
            {
                change(ended, silo.Now); // says why it cannot be
            }
            else
            {
                await _run!.ChangeAsync(change, CancellationToken.None).ConfigureAwait(true);
            }
        }
        catch (WorkflowConflictException e)
        {
            return new WorkflowReply { Conflict = e.Message };
        }
        catch (WorkflowTakenException)
        {
            return Moving();
        }

        return await ShowAsync().ConfigureAwait(true);
    }

    public async Task<byte[]> HistoryAsync(string tenant) =>
        JsonSerializer.SerializeToUtf8Bytes(IsOf(tenant) ? await _store.LoadEventsAsync(CancellationToken.None).ConfigureAwait(true) : [], ClusterJson.Default.IReadOnlyListWorkflowEvent);

    public async Task<bool> ForgetAsync(long place)
    {
        if (_store.State is not { } state || _store.Place != place)
        {
            return true;
        }

        if (!state.IsEnded || silo.Now < state.Updated + silo.Retention)
        {
            return false;
        }

        await _store.DeleteAsync(CancellationToken.None).ConfigureAwait(true);
        DeactivateOnIdle();
        return true;
    }

    /// <summary>Being called is enough: the activation goes on with what is open. What is not open needs no looking after.</summary>
    public Task ReceiveReminder(string reminderName, TickStatus status) => _store.State is { IsEnded: false } ? Task.CompletedTask : UnregisterAsync();

    private WorkflowReply Moving() => new() { Moves = true, Conflict = $"Workflow '{this.GetPrimaryKeyString()}' moves to another silo, and nothing was changed; try again." };

    /// <summary>Whether the tenant has this workflow; one that is just being started is not there yet.</summary>
    private bool IsOf(string tenant) => _store.State is { } state && state.Tenant == tenant && (_run is not null || state.IsEnded);

    private void Begin(RunState state)
    {
        RunServices services = new(_store, silo.Runner, silo.Options, silo.Surroundings.Clock, silo.Surroundings.Log)
        {
            Stopping = _stop.Token,
            Forget = over =>
            {
                silo.Room.Closed(over);
                _ = InTurnAsync(LetGo);
            },
        };
        DelayDeactivation(Timeout.InfiniteTimeSpan); // a step may take longer than Orleans keeps a grain that nobody calls
        _run = new WorkflowRun(services, state, state.Sequence);
        silo.Room.Opened(_run);
        _run.Begin();
    }

    /// <summary>The run is over: an ended workflow may leave memory when nobody asks for it, and one that somebody else took has to.</summary>
    private Task LetGo()
    {
        DelayDeactivation(TimeSpan.Zero);
        if (_store.State is { IsEnded: false })
        {
            DeactivateOnIdle();
        }

        return Task.CompletedTask;
    }

    private Task CloseAsync(CancellationToken cancellationToken) => InTurnAsync(UnregisterAsync).WaitAsync(cancellationToken);

    private async Task UnregisterAsync()
    {
        if (await this.GetReminder(Reminder).ConfigureAwait(true) is { } reminder)
        {
            await this.UnregisterReminder(reminder).ConfigureAwait(true);
        }
    }

    private async Task<WorkflowReply> ShowAsync()
    {
        WorkflowRun? run = _run;
        WorkflowSnapshot shown = await Snapshots.ReadAsync(_store.State!, i => run is not null ? run.OutputAsync(i, CancellationToken.None) : _store.LoadOutputAsync("", "", i, CancellationToken.None)).ConfigureAwait(true);
        return new WorkflowReply { Snapshot = JsonSerializer.SerializeToUtf8Bytes(shown, ClusterJson.Default.WorkflowSnapshot) };
    }

    private Task InTurnAsync(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, _turns).Unwrap();
}
