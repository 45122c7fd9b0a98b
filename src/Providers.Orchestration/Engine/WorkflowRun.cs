using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Providers.Orchestration;

/// <summary>One open workflow: a loop that decides, writes, and only then acts. Everything that happens to it comes through one queue.</summary>
internal sealed class WorkflowRun
{
    private readonly Channel<Message> _inbox = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Queue<Message> _held = new();
    private readonly Dictionary<int, CancellationTokenSource> _active = [];
    private readonly RunServices _services;
    private readonly WorkflowMachine _machine;
    private readonly RunSteps _steps;
    private TaskCompletionSource _changed = New();
    private WorkflowTakenException? _taken;
    private Transition? _doubtful;
    private volatile RunState _state;
    private long _version;

    public WorkflowRun(RunServices services, RunState state, long version)
    {
        _services = services;
        _state = state;
        _version = version;
        _machine = new WorkflowMachine(state.Definition, services.Options.MaxParallelSteps);
        _steps = new RunSteps(services, _machine.Graph);
    }

    /// <summary>The state that was last written.</summary>
    public RunState State => _state;

    /// <summary>Gets the loop; ends with the workflow or the host.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    private CancellationToken Stopping => _services.Stopping;

    private DateTimeOffset Now => _services.Clock.GetUtcNow();

    public void Begin() => Completion = Task.Run(LoopAsync);

    /// <summary>Changes the workflow from outside; returns once that is written. While the store is away it fails at once with what the store said, and is not made later.</summary>
    public async Task<RunState> ChangeAsync(Func<RunState, DateTimeOffset, Transition> change, CancellationToken cancellationToken)
    {
        TaskCompletionSource<RunState> written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_inbox.Writer.TryWrite(new Message((_, state, now) => change(state, now), null, written)))
        {
            throw Over();
        }

        return await written.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until nothing happens by itself any more.</summary>
    public async Task<RunState> RestAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (_state.IsAtRest)
            {
                return _state;
            }

            if (Completion.IsCompleted)
            {
                throw new OperationCanceledException(_taken?.Message ?? "The host stops; the workflow goes on when it starts again.");
            }

            await Task.WhenAny(changed, Completion).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask<JsonElement?> OutputAsync(int step, CancellationToken cancellationToken) => _steps.OutputAsync(_state, step, cancellationToken);

    /// <summary>Why nothing can be changed here any more.</summary>
    private Exception Over() => _state.IsEnded
        ? new WorkflowConflictException($"Workflow '{_state.Id}' is {_state.Status.ToString().ToLowerInvariant()}: it has just ended.")
        : _taken is { } taken ? WorkflowTakenException.ByAnother(_state.Id, taken) : WorkflowTakenException.Stopping(_state.Id);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task LoopAsync()
    {
        try
        {
            await SaveAsync(_machine.Recovered(_state, Now), null).ConfigureAwait(false);
            while (!_state.IsEnded)
            {
                DateTimeOffset now = Now; // one moment for all three: what is due by then was seen to, what is due later wakes us
                await SaveAsync(_machine.Advance(_state, now), null).ConfigureAwait(false);
                if (!_state.IsEnded)
                {
                    Act(now);
                    await NextAsync(now).ConfigureAwait(false);
                }
            }

            await _services.CloseAsync(_state, Stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
            await LeaveAsync().ConfigureAwait(false);
        }
        catch (WorkflowTakenException e)
        {
            _taken = e;
            _services.Log.Taken(_state.Id, e);
            foreach (CancellationTokenSource step in _active.Values)
            {
                Stop(step); // whatever comes of it, nobody would keep it
            }
        }
        finally
        {
            _inbox.Writer.Complete();
            while (_inbox.Reader.TryRead(out Message? left))
            {
                left.Written?.TrySetException(Over());
            }

            _services.Forget(this);
            Interlocked.Exchange(ref _changed, New()).SetResult();
        }
    }

    /// <summary>Starts what the state says is under way and is not yet; tells to stop what must no longer run.</summary>
    private void Act(DateTimeOffset now)
    {
        RunState state = _state;
        for (int i = 0; i < state.Steps.Length; i++)
        {
            if (_active.TryGetValue(i, out CancellationTokenSource? active))
            {
                if (state.Status is WorkflowStatus.Compensating && state.Steps[i].Status is WorkflowStepStatus.Running)
                {
                    Stop(active);
                }
            }
            else if (state.Steps[i].Status is WorkflowStepStatus.Running)
            {
                Start(i, ExecuteAsync);
            }
            else if (state.Status is WorkflowStatus.Compensating && state.Steps[i] is { Status: WorkflowStepStatus.Compensating } undoing && !(undoing.NotBefore > now))
            {
                Start(i, CompensateAsync);
            }
        }
    }

    /// <summary>Tells a step to stop. What it does then is not waited for, and what that throws is not the workflow's.</summary>
    private static void Stop(CancellationTokenSource step) => _ = step.CancelAsync();

    private void Start(int step, Func<int, CancellationToken, Task<Message>> run)
    {
        CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(Stopping);
        _active[step] = source;
        _ = PostAsync();

        async Task PostAsync()
        {
            Message message = await run(step, source.Token).ConfigureAwait(false);
            _inbox.Writer.TryWrite(message with { Step = step });
        }
    }

    private async Task<Message> ExecuteAsync(int index, CancellationToken cancellationToken)
    {
        StepResult result = await _steps.ExecuteAsync(_state, index, cancellationToken).ConfigureAwait(false);
        if (result.Error is null)
        {
            return new Message((machine, state, now) => machine.Completed(state, index, result.Output is not null, now), result.Output is { } output ? (index, output) : null, null);
        }

        _services.Log.StepFailed(_state.Id, _state.Steps[index].Id, _state.Steps[index].Attempts, result.Error);
        return new Message((machine, state, now) => machine.Failed(state, index, result.Error, result.Retry, result.After, now), null, null);
    }

    private async Task<Message> CompensateAsync(int index, CancellationToken cancellationToken)
    {
        StepResult result = await _steps.CompensateAsync(_state, index, cancellationToken).ConfigureAwait(false);
        return new Message((machine, state, now) => result.Error is null ? WorkflowMachine.Undone(state, index, now) : machine.UndoFailed(state, index, result.Error, now), null, null);
    }

    /// <summary>Waits for something to happen, or for the moment at which the time alone changes something.</summary>
    private async Task NextAsync(DateTimeOffset now)
    {
        using CancellationTokenSource wake = CancellationTokenSource.CreateLinkedTokenSource(Stopping);
        Task arrived = _held.Count > 0 ? Task.CompletedTask : _inbox.Reader.WaitToReadAsync(Stopping).AsTask();
        if (WorkflowMachine.WakeAt(_state, now) is { } moment)
        {
            TimeSpan wait = moment - Now;
            wait = wait > TimeSpan.FromDays(1) ? TimeSpan.FromDays(1) : wait;
            Task timer = wait > TimeSpan.Zero ? Task.Delay(wait, _services.Clock, wake.Token) : Task.CompletedTask;
            await Task.WhenAny(arrived, timer).ConfigureAwait(false);
            await wake.CancelAsync().ConfigureAwait(false);
            Stopping.ThrowIfCancellationRequested();
        }
        else
        {
            await arrived.ConfigureAwait(false);
        }

        while (_held.TryDequeue(out Message? message) || _inbox.Reader.TryRead(out message))
        {
            await TakeAsync(message).ConfigureAwait(false);
        }
    }

    private async Task TakeAsync(Message message)
    {
        if (message.Step is { } step && _active.Remove(step, out CancellationTokenSource? source))
        {
            source.Dispose();
        }

        if (message.Written is { } written)
        {
            await ChangeAsync(message, written).ConfigureAwait(false);
            await UntilStoredAsync(SettleAsync).ConfigureAwait(false);
        }
        else
        {
            await SaveAsync(message.Change(_machine, _state, Now), message.Output).ConfigureAwait(false);
        }
    }

    private async Task ChangeAsync(Message message, TaskCompletionSource<RunState> written)
    {
        Transition change = Transition.None(_state);
        try
        {
            change = message.Change(_machine, _state, Now);
            await SaveOnceAsync(change, null).ConfigureAwait(false);
            written.TrySetResult(_state);
        }
        catch (WorkflowConflictException e)
        {
            written.TrySetException(e);
        }
        catch (WorkflowTakenException e)
        {
            written.TrySetException(e);
            throw;
        }
#pragma warning disable CA1031 // Whatever the store threw: whoever asked is told, and can ask again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _doubtful = change;
            written.TrySetException(e);
        }
    }

    /// <summary>A store that failed may have written all the same: it is asked before anything else happens.</summary>
    private async Task SettleAsync()
    {
        if (_doubtful is not { } doubtful)
        {
            return;
        }

        if (await _services.Store.FindAsync(doubtful, _version, CancellationToken.None).ConfigureAwait(false) is { } version)
        {
            Keep(doubtful.State, version);
        }

        _doubtful = null;
    }

    /// <summary>Writes a transition; a store that is away is waited for, since nothing may follow from what is not written.</summary>
    private Task SaveAsync(Transition transition, (int Step, JsonElement Output)? output) => UntilStoredAsync(() => SaveOnceAsync(transition, output));

    private async Task SaveOnceAsync(Transition transition, (int Step, JsonElement Output)? output)
    {
        if (transition.Events.Count == 0)
        {
            return;
        }

        long version = await _services.Store.SaveAsync(transition, _version, output, CancellationToken.None).ConfigureAwait(false);
        if (output is { } made)
        {
            _steps.Keep(made.Step, made.Output);
        }

        Keep(transition.State, version);
    }

    private void Keep(RunState state, long version)
    {
        _version = version;
        _state = state;
        Interlocked.Exchange(ref _changed, New()).SetResult();
    }

    private async Task UntilStoredAsync(Func<Task> work)
    {
        for (TimeSpan delay = TimeSpan.FromSeconds(1); ; delay = delay < TimeSpan.FromSeconds(30) ? delay * 2 : delay)
        {
            try
            {
                await work().ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is not WorkflowTakenException)
            {
                _services.Log.SaveFailed(_state.Id, delay.TotalSeconds, e);
                await RefuseAsync(e, Task.Delay(delay, _services.Clock, Stopping)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Tells whoever asks for a change that the store is away, while it is waited for; what steps report is held.</summary>
    private async Task RefuseAsync(Exception cause, Task wait)
    {
        do
        {
            while (_inbox.Reader.TryRead(out Message? message))
            {
                if (message.Written is { } written)
                {
                    written.TrySetException(cause);
                }
                else
                {
                    _held.Enqueue(message);
                }
            }
        }
        while (await Task.WhenAny(wait, _inbox.Reader.WaitToReadAsync(Stopping).AsTask()).ConfigureAwait(false) != wait && !Stopping.IsCancellationRequested);
        await wait.ConfigureAwait(false);
    }

    /// <summary>The host stops: steps were told to; what they still report is written, the others run again after the next start.</summary>
    private async Task LeaveAsync()
    {
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(_services.Options.StopSeconds), _services.Clock);
        try
        {
            while (_active.Count > 0)
            {
                await SettleAsync().ConfigureAwait(false);
                await LeaveAsync(_held.TryDequeue(out Message? held) ? held : await _inbox.Reader.ReadAsync(late.Token).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not WorkflowTakenException)
        {
            if (!late.IsCancellationRequested)
            {
                _services.Log.SaveFailed(_state.Id, 0, e);
            }
        }
    }

    private async Task LeaveAsync(Message message)
    {
        message.Written?.TrySetException(Over());
        if (message.Step is not { } step || !_active.Remove(step, out CancellationTokenSource? source))
        {
            return;
        }

        source.Dispose();
        Transition transition = message.Change(_machine, _state, Now);
        bool undone = _state.Steps[step].Status is WorkflowStepStatus.Compensating;
        bool again = undone || (_state.Status is WorkflowStatus.Running or WorkflowStatus.Paused && _state.Definition.Steps[step].Repeatable); // in a workflow given up it has failed, and is undone after the next start
        if (again && transition.State.Steps[step].Status is not (WorkflowStepStatus.Completed or WorkflowStepStatus.Compensated))
        {
            transition = undone ? Transition.None(_state) : WorkflowMachine.Interrupted(_state, step, Now);
        }

        if (transition.Events.Count > 0)
        {
            _version = await _services.Store.SaveAsync(transition, _version, message.Output, CancellationToken.None).ConfigureAwait(false);
            _state = transition.State;
        }
    }

    /// <summary>Something that happens to the workflow.</summary>
    private sealed record Message(Func<WorkflowMachine, RunState, DateTimeOffset, Transition> Change, (int Step, JsonElement Output)? Output, TaskCompletionSource<RunState>? Written)
    {
        public int? Step { get; init; }
    }
}
