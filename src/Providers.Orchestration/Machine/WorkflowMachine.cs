namespace Providers.Orchestration;

/// <summary>Decides what a workflow does next: a pure function of its state and the time.</summary>
internal sealed class WorkflowMachine(WorkflowDefinition definition, int maxParallel)
{
    private readonly StepGraph _graph = StepGraph.Of(definition);

    public StepGraph Graph => _graph;

    /// <summary>Brings the state forward as far as the time alone allows: steps that begin are marked as running, and have to be started once that is written.</summary>
    public Transition Advance(RunState state, DateTimeOffset now)
    {
        Changes changes = new(state, now);
        if (state.Status is WorkflowStatus.Running or WorkflowStatus.Paused && now >= DeadlineOf(state))
        {
            Abandon(changes, WorkflowStatus.Failed, $"The deadline of {definition.Deadline} has passed.", "deadline.passed", null);
        }

        switch (changes.State.Status)
        {
            case WorkflowStatus.Running:
                Run(changes);
                break;
            case WorkflowStatus.Compensating:
                Undo(changes);
                break;
        }

        return changes.Done();
    }

    /// <summary>When to look again although nothing has happened; <see langword="null"/>: there is no such moment.</summary>
    /// <param name="state">A state that was brought forward to <paramref name="now"/>.</param>
    /// <param name="now">The time then. What was due by then and has not begun waits for other steps, or is under way: it wakes nobody.</param>
    public static DateTimeOffset? WakeAt(RunState state, DateTimeOffset now)
    {
        DateTimeOffset? wake = state.Status is WorkflowStatus.Running or WorkflowStatus.Paused ? DeadlineOf(state) : null;
        bool undoing = state.Status is WorkflowStatus.Compensating;
        foreach (StepState step in state.Steps)
        {
            bool waits = undoing ? step.MustBeUndone : step.Status is WorkflowStepStatus.Pending && state.Status is WorkflowStatus.Running;
            if (waits && step.NotBefore is { } moment && moment > now && (wake is null || moment < wake))
            {
                wake = moment;
            }
        }

        return wake == DateTimeOffset.MaxValue ? null : wake;
    }

    /// <summary>A step's handler gave its output.</summary>
    public Transition Completed(RunState state, int index, bool hasOutput, DateTimeOffset now)
    {
        Changes changes = new(state, now);
        int endings = state.Endings + 1;
        changes.State = changes.State with { Endings = endings, Width = Math.Min(maxParallel, state.Width + 1) };
        changes[index] = changes[index] with { Status = WorkflowStepStatus.Completed, HasOutput = hasOutput, Ended = now, Order = endings, NotBefore = null, Error = null };
        changes.Say("step.completed", changes[index].Id);
        return changes.Done();
    }

    /// <summary>A step's handler failed, took too long, was told to stop or died with its host.</summary>
    public Transition Failed(RunState state, int index, string error, bool retry, TimeSpan? after, DateTimeOffset now)
    {
        Changes changes = new(state, now);
        WorkflowStep step = definition.Steps[index];
        bool again = retry && changes[index].Attempts < step.MaxAttempts && state.Status is WorkflowStatus.Running or WorkflowStatus.Paused;
        if (again)
        {
            DateTimeOffset next = now + Later(Backoff(step, changes[index].Attempts), after);
            changes.State = changes.State with { Width = Math.Max(1, state.Width / 2) };
            changes[index] = changes[index] with { Status = WorkflowStepStatus.Pending, Error = error, NotBefore = next };
            changes.Say("step.retrying", step.Id, error);
            return changes.Done();
        }

        int endings = state.Endings + 1;
        changes.State = changes.State with { Endings = endings };
        changes[index] = changes[index] with { Status = WorkflowStepStatus.Failed, Ended = now, Order = endings, NotBefore = null, Error = error };
        changes.Say("step.failed", step.Id, error);
        if (!step.Optional && changes.State.Status is WorkflowStatus.Running or WorkflowStatus.Paused)
        {
            Abandon(changes, WorkflowStatus.Failed, $"Step '{step.Id}' failed at try {changes[index].Attempts} of {step.MaxAttempts}: {error}", "failing", null);
        }

        return changes.Done();
    }

    /// <summary>The host stopped before the step was done: it begins again after the next start, and this try does not count.</summary>
    public static Transition Interrupted(RunState state, int index, DateTimeOffset now)
    {
        Changes changes = new(state, now);
        changes[index] = changes[index] with { Status = WorkflowStepStatus.Pending, Attempts = changes[index].Attempts - 1, NotBefore = null };
        changes.Say("step.interrupted", changes[index].Id);
        return changes.Done();
    }

    public static Transition Undone(RunState state, int index, DateTimeOffset now)
    {
        Changes changes = new(state, now);
        changes[index] = changes[index] with { Status = WorkflowStepStatus.Compensated, NotBefore = null };
        changes.Say("step.compensated", changes[index].Id);
        return changes.Done();
    }

    public Transition UndoFailed(RunState state, int index, string error, DateTimeOffset now)
    {
        Changes changes = new(state, now);
        WorkflowStep step = definition.Steps[index];
        StepState failed = changes[index] with { CompensationAttempts = changes[index].CompensationAttempts + 1, Error = error };
        bool stuck = failed.CompensationAttempts >= step.MaxAttempts;
        changes[index] = failed with { NotBefore = stuck ? null : now + Backoff(step, failed.CompensationAttempts) };
        changes.Say("step.compensation_failed", step.Id, error);
        if (stuck)
        {
            changes.State = changes.State with { Status = WorkflowStatus.Stuck, Reason = $"Step '{step.Id}' could not be undone in {failed.CompensationAttempts} tries: {error}" };
            changes.Say("stuck", step.Id, error);
        }

        return changes.Done();
    }

    /// <summary>The host has started again: what was under way when it died is tried again, or has failed.</summary>
    public Transition Recovered(RunState state, DateTimeOffset now)
    {
        Transition result = Transition.None(state);
        for (int i = 0; i < state.Steps.Length; i++)
        {
            if (state.Steps[i].Status is WorkflowStepStatus.Running)
            {
                Transition next = Failed(result.State, i, "The host stopped in the middle of it.", definition.Steps[i].Repeatable, TimeSpan.Zero, now);
                result = new Transition(next.State, [.. result.Events, .. next.Events]);
            }
        }

        return result;
    }

    public static Transition Pause(RunState state, string? actor, DateTimeOffset now) => state.Status switch
    {
        WorkflowStatus.Paused => Transition.None(state),
        WorkflowStatus.Running => Move(state, WorkflowStatus.Paused, "paused", actor, now),
        _ => throw Refuse(state, "paused", "Only a running workflow can be."),
    };

    public static Transition Resume(RunState state, string? actor, DateTimeOffset now) => state.Status switch
    {
        WorkflowStatus.Running => Transition.None(state),
        WorkflowStatus.Paused => Move(state, WorkflowStatus.Running, "resumed", actor, now),
        WorkflowStatus.Stuck => Move(
            state with { Steps = [.. state.Steps.Select(static s => s with { CompensationAttempts = 0, NotBefore = null })] }, WorkflowStatus.Compensating, "resumed", actor, now),
        _ => throw Refuse(state, "resumed", "Only a paused or stuck workflow can be."),
    };

    public static Transition Cancel(RunState state, string? actor, DateTimeOffset now)
    {
        if (state.Status is not (WorkflowStatus.Running or WorkflowStatus.Paused))
        {
            throw Refuse(state, "cancelled", "Only a running or paused workflow can be.");
        }

        Changes changes = new(state, now);
        Abandon(changes, WorkflowStatus.Cancelled, actor is null ? "It was cancelled." : $"It was cancelled by '{actor}'.", "cancelling", actor);
        return changes.Done();
    }

    /// <summary>How long to wait after the n-th try: doubling, up to a minute or the step's own delay.</summary>
    internal static TimeSpan Backoff(WorkflowStep step, int attempts)
    {
        TimeSpan most = step.RetryDelay > TimeSpan.FromMinutes(1) ? step.RetryDelay : TimeSpan.FromMinutes(1);
        double ticks = step.RetryDelay.Ticks * Math.Pow(2, attempts - 1);
        return ticks >= most.Ticks ? most : new TimeSpan((long)ticks);
    }

    private static TimeSpan Later(TimeSpan delay, TimeSpan? asked) => asked is { } after && (after > delay || after == TimeSpan.Zero) ? after : delay;

    private static DateTimeOffset DeadlineOf(RunState state) => state.Definition.Deadline is { } deadline ? state.Created + deadline : DateTimeOffset.MaxValue;

    private static Transition Move(RunState state, WorkflowStatus to, string what, string? actor, DateTimeOffset now)
    {
        Changes changes = new(state with { Status = to }, now);
        changes.Say(what, actor: actor);
        return changes.Done();
    }

    private static WorkflowConflictException Refuse(RunState state, string verb, string rule) =>
        new($"Workflow '{state.Id}' is {state.Status.ToString().ToLowerInvariant()} and cannot be {verb}. {rule}");

    /// <summary>Gives the workflow up: nothing more begins, and what began is undone.</summary>
    private static void Abandon(Changes changes, WorkflowStatus outcome, string reason, string what, string? actor)
    {
        changes.State = changes.State with
        {
            Status = WorkflowStatus.Compensating,
            Outcome = outcome,
            Reason = reason,
            Steps = [.. changes.State.Steps.Select(static s => s.Status is not WorkflowStepStatus.Pending ? s
                : s.Started is not null ? s with { Status = WorkflowStepStatus.Failed, Attempts = Math.Max(1, s.Attempts), NotBefore = null, Order = int.MaxValue } // it waited for its next try, also after the host stopped in the middle of the first
                : s with { Status = WorkflowStepStatus.Skipped })],
        };
        changes.Say(what, detail: reason, actor: actor);
    }

    private void Run(Changes changes)
    {
        SkipOrphans(changes);
        if (changes.State.Steps.All(static s => s.Status is WorkflowStepStatus.Completed or WorkflowStepStatus.Failed or WorkflowStepStatus.Skipped))
        {
            changes.State = changes.State with { Status = WorkflowStatus.Completed };
            changes.Say("completed");
            return;
        }

        int room = Width(changes.State) - changes.State.Steps.Count(static s => s.Status is WorkflowStepStatus.Running);
        foreach (int index in Ready(changes.State))
        {
            if (room <= 0)
            {
                break;
            }

            StepState step = changes[index];
            if (step.NotBefore > changes.Now)
            {
                if (definition.Strategy is WorkflowStrategy.Sequential)
                {
                    break; // its turn is now, even while it waits
                }

                continue;
            }

            changes[index] = step with { Status = WorkflowStepStatus.Running, Attempts = step.Attempts + 1, Started = changes.Now, NotBefore = null };
            changes.Say("step.started", step.Id, step.Attempts == 0 ? null : $"Try {step.Attempts + 1} of {definition.Steps[index].MaxAttempts}.");
            room--;
        }
    }

    private void SkipOrphans(Changes changes)
    {
        bool moved = true;
        while (moved)
        {
            moved = false;
            for (int i = 0; i < changes.State.Steps.Length; i++)
            {
                if (changes[i].Status is WorkflowStepStatus.Pending && _graph.Needs(i).Any(n => changes[n].Status is WorkflowStepStatus.Failed or WorkflowStepStatus.Skipped))
                {
                    changes[i] = changes[i] with { Status = WorkflowStepStatus.Skipped };
                    changes.Say("step.skipped", changes[i].Id, "An optional step it depends on did not succeed.");
                    moved = true;
                }
            }
        }
    }

    private IEnumerable<int> Ready(RunState state)
    {
        int level = definition.Strategy is not WorkflowStrategy.Hierarchical ? int.MaxValue
            : Enumerable.Range(0, state.Steps.Length).Where(i => state.Steps[i].Status is WorkflowStepStatus.Pending or WorkflowStepStatus.Running).Min(i => _graph.Levels[i]);
        return Enumerable.Range(0, state.Steps.Length).Where(i => state.Steps[i].Status is WorkflowStepStatus.Pending && _graph.Levels[i] <= level
            && _graph.Needs(i).All(n => state.Steps[n].Status is WorkflowStepStatus.Completed));
    }

    private int Width(RunState state) => definition.Strategy switch
    {
        WorkflowStrategy.Sequential => 1,
        WorkflowStrategy.Adaptive => Math.Min(state.Width, maxParallel),
        _ => maxParallel,
    };

    private static void Undo(Changes changes)
    {
        if (changes.State.Steps.Any(static s => s.Status is WorkflowStepStatus.Running))
        {
            return; // they were told to stop; what they did is undone when they have
        }

        StepState? next = changes.State.Steps.Where(static s => s.MustBeUndone)
            .OrderByDescending(static s => s.Status is WorkflowStepStatus.Compensating).ThenByDescending(static s => s.Order).FirstOrDefault();
        if (next is null)
        {
            changes.State = changes.State with { Status = changes.State.Outcome };
            changes.Say(changes.State.Outcome is WorkflowStatus.Cancelled ? "cancelled" : "failed", detail: changes.State.Reason);
        }
        else if (next.Status is not WorkflowStepStatus.Compensating)
        {
            int index = changes.State.IndexOf(next.Id);
            changes[index] = next with { Status = WorkflowStepStatus.Compensating };
            changes.Say("step.compensating", next.Id);
        }
    }
}
