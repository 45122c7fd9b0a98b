using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Providers.Orchestration;

/// <summary>One open workflow: a loop that decides, writes, and only then acts. Everything that happens to it comes through one queue.</summary>
internal sealed class WorkflowRun
{
    private readonly Channel<Message> _inbox = Channel.CreateUnbounded<Message>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<int, JsonElement> _outputs = [];
    private readonly Dictionary<int, CancellationTokenSource> _active = [];
    private readonly RunServices _services;
    private readonly WorkflowMachine _machine;
    private TaskCompletionSource _changed = New();
    private volatile RunState _state;
    private long _version;

    public WorkflowRun(RunServices services, RunState state, long version)
    {
        _services = services;
        _state = state;
        _version = version;
        _machine = new WorkflowMachine(state.Definition, services.Options.MaxParallelSteps);
    }

    /// <summary>The state that was last written.</summary>
    public RunState State => _state;

    /// <summary>Gets the loop; ends with the workflow or the host.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    private CancellationToken Stopping => _services.Stopping;

    private DateTimeOffset Now => _services.Clock.GetUtcNow();

    public void Begin() => Completion = Task.Run(LoopAsync);

    /// <summary>Changes the workflow from outside; returns once that is written.</summary>
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
                throw new OperationCanceledException("The host stops; the workflow goes on when it starts again.");
            }

            await Task.WhenAny(changed, Completion).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<JsonElement?> OutputAsync(int step, CancellationToken cancellationToken)
    {
        if (_outputs.TryGetValue(step, out JsonElement output))
        {
            return output;
        }

        JsonElement? stored = _state.Steps[step].HasOutput ? await _services.Store.LoadOutputAsync(_state.Tenant, _state.Id, step, cancellationToken).ConfigureAwait(false) : null;
        if (stored is { } value)
        {
            _outputs.TryAdd(step, value);
        }

        return stored;
    }

    /// <summary>Why nothing can be changed here any more.</summary>
    private Exception Over() => _state.IsEnded
        ? new WorkflowConflictException($"Workflow '{_state.Id}' is {_state.Status.ToString().ToLowerInvariant()}: it has just ended.")
        : WorkflowTakenException.Stopping(_state.Id);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task LoopAsync()
    {
        try
        {
            await SaveAsync(_machine.Recovered(_state, Now), null).ConfigureAwait(false);
            while (!_state.IsEnded)
            {
                await SaveAsync(_machine.Advance(_state, Now), null).ConfigureAwait(false);
                if (!_state.IsEnded)
                {
                    Act();
                    await NextAsync().ConfigureAwait(false);
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
            _services.Log.Taken(_state.Id, e);
            foreach (CancellationTokenSource step in _active.Values)
            {
                await step.CancelAsync().ConfigureAwait(false); // whatever comes of it, nobody would keep it
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
    private void Act()
    {
        RunState state = _state;
        for (int i = 0; i < state.Steps.Length; i++)
        {
            if (_active.TryGetValue(i, out CancellationTokenSource? active))
            {
                if (state.Status is WorkflowStatus.Compensating && state.Steps[i].Status is WorkflowStepStatus.Running)
                {
                    active.Cancel();
                }
            }
            else if (state.Steps[i].Status is WorkflowStepStatus.Running)
            {
                Start(i, ExecuteAsync);
            }
            else if (state.Status is WorkflowStatus.Compensating && state.Steps[i] is { Status: WorkflowStepStatus.Compensating } undoing && !(undoing.NotBefore > Now))
            {
                Start(i, CompensateAsync);
            }
        }
    }

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
        StepResult result = await AttemptAsync(index, (context, token) => _services.Runner.ExecuteAsync(context, token), cancellationToken).ConfigureAwait(false);
        if (result.Error is null)
        {
            return new Message((machine, state, now) => machine.Completed(state, index, result.Output is not null, now), result.Output is { } output ? (index, output) : null, null);
        }

        _services.Log.StepFailed(_state.Id, _state.Steps[index].Id, _state.Steps[index].Attempts, result.Error);
        return new Message((machine, state, now) => machine.Failed(state, index, result.Error, result.Retry, result.After, now), null, null);
    }

    private async Task<Message> CompensateAsync(int index, CancellationToken cancellationToken)
    {
        StepResult result = await AttemptAsync(
            index,
            async (context, token) => await _services.Runner.CompensateAsync(context, await OutputAsync(index, token).ConfigureAwait(false), token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        return new Message((machine, state, now) => result.Error is null ? WorkflowMachine.Undone(state, index, now) : machine.UndoFailed(state, index, result.Error, now), null, null);
    }

    private async Task<StepResult> AttemptAsync(int index, Func<WorkflowStepContext, CancellationToken, Task<StepResult>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run(await ContextAsync(index, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // What the outputs of other steps could not be read for is this step's failure.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return StepResult.Of(e);
        }
    }

    private async ValueTask<WorkflowStepContext> ContextAsync(int index, CancellationToken cancellationToken)
    {
        RunState state = _state;
        Dictionary<string, JsonElement> outputs = new(StringComparer.Ordinal);
        foreach (int ancestor in _machine.Graph.Ancestors(index))
        {
            if (await OutputAsync(ancestor, cancellationToken).ConfigureAwait(false) is { } output)
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

    /// <summary>Waits for something to happen, or for the moment at which the time alone changes something.</summary>
    private async Task NextAsync()
    {
        using CancellationTokenSource wake = CancellationTokenSource.CreateLinkedTokenSource(Stopping);
        Task<bool> arrived = _inbox.Reader.WaitToReadAsync(Stopping).AsTask();
        if (WorkflowMachine.WakeAt(_state) is { } moment)
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

        while (_inbox.Reader.TryRead(out Message? message))
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

        try
        {
            await SaveAsync(message.Change(_machine, _state, Now), message.Output).ConfigureAwait(false);
            message.Written?.TrySetResult(_state);
        }
        catch (WorkflowConflictException e) when (message.Written is not null)
        {
            message.Written.TrySetException(e);
        }
        catch (WorkflowTakenException e)
        {
            message.Written?.TrySetException(e);
            throw;
        }
    }

    /// <summary>Writes a transition; a store that is away is waited for, since nothing may follow from what is not written.</summary>
    private async Task SaveAsync(Transition transition, (int Step, JsonElement Output)? output)
    {
        if (transition.Events.Count == 0)
        {
            return;
        }

        for (TimeSpan delay = TimeSpan.FromSeconds(1); ; delay = delay < TimeSpan.FromSeconds(30) ? delay * 2 : delay)
        {
            try
            {
                _version = await _services.Store.SaveAsync(transition, _version, output, CancellationToken.None).ConfigureAwait(false);
                break;
            }
            catch (Exception e) when (e is not WorkflowTakenException)
            {
                _services.Log.SaveFailed(_state.Id, delay.TotalSeconds, e);
                await Task.Delay(delay, _services.Clock, Stopping).ConfigureAwait(false);
            }
        }

        if (output is { } made)
        {
            _outputs[made.Step] = made.Output;
        }

        _state = transition.State;
        Interlocked.Exchange(ref _changed, New()).SetResult();
    }

    /// <summary>The host stops: steps were told to; what they still report is written, the others run again after the next start.</summary>
    private async Task LeaveAsync()
    {
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(_services.Options.StopSeconds), _services.Clock);
        try
        {
            while (_active.Count > 0)
            {
                await LeaveAsync(await _inbox.Reader.ReadAsync(late.Token).ConfigureAwait(false)).ConfigureAwait(false);
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
        if (transition.State.Steps[step].Status is not (WorkflowStepStatus.Completed or WorkflowStepStatus.Compensated) && (undone || _state.Definition.Steps[step].Repeatable))
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
