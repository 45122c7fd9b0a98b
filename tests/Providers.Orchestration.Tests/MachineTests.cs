using CsCheck;

namespace Providers.Orchestration.Tests;

/// <summary>The machine against rules that hold for any graph, any strategy and any fate of the steps, with crashes between.</summary>
public sealed class MachineTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Machine_AnyGraphAnyFate_KeepsItsRules() =>
        Gen.Select(Gen.Int[1, 12], Gen.Enum<WorkflowStrategy>(), Gen.Int).Sample((count, strategy, seed) => Play(count, strategy, seed), iter: 3_000);

    [Fact]
    public void WakeAt_StepThatIsDueButWhoseTurnHasNotCome_WakesNobody()
    {
        WorkflowDefinition definition = new() { Name = "n", Strategy = WorkflowStrategy.Parallel, Steps = [new WorkflowStep { Id = "a", Handler = "h" }, new WorkflowStep { Id = "b", Handler = "h" }] };
        WorkflowMachine machine = new(definition, 1);
        RunState state = machine.Advance(RunState.Begin("id", "t", definition, Begin), Begin).State;
        state = machine.Advance(machine.Failed(state, 0, "broken", true, null, Begin).State, Begin).State;
        state.Steps.Select(static s => s.Status).Should().Equal(WorkflowStepStatus.Pending, WorkflowStepStatus.Running);
        DateTimeOffset due = Begin + TimeSpan.FromSeconds(1);
        WorkflowMachine.WakeAt(state, Begin).Should().Be(due);
        machine.Advance(state, due).Events.Should().BeEmpty("there is no room for it");
        WorkflowMachine.WakeAt(state, due).Should().BeNull("only the end of the other step changes anything");
    }

    [Fact]
    public void WakeAt_UndoingThatIsUnderWayAgain_WakesNobody()
    {
        WorkflowDefinition definition = new() { Name = "n", Steps = [new WorkflowStep { Id = "a", Handler = "h" }] };
        WorkflowMachine machine = new(definition, 1);
        RunState state = machine.Advance(RunState.Begin("id", "t", definition, Begin), Begin).State;
        state = machine.Advance(machine.Failed(state, 0, "broken", false, null, Begin).State, Begin).State;
        state = machine.UndoFailed(state, 0, "broken too", Begin).State;
        DateTimeOffset due = Begin + TimeSpan.FromSeconds(1);
        WorkflowMachine.WakeAt(state, Begin).Should().Be(due);
        WorkflowMachine.WakeAt(machine.Advance(state, due).State, due).Should().BeNull("its second try has begun");
    }

    private static void Play(int count, WorkflowStrategy strategy, int seed)
    {
        Random random = new(seed);
        WorkflowDefinition definition = new()
        {
            Name = "n",
            Strategy = strategy,
            Deadline = random.Next(4) == 0 ? TimeSpan.FromSeconds(random.Next(1, 60)) : null,
            Steps = [.. Enumerable.Range(0, count).Select(i => new WorkflowStep
            {
                Id = $"s{i}",
                Handler = "h",
                MaxAttempts = random.Next(1, 4),
                Optional = random.Next(4) == 0,
                Repeatable = random.Next(4) != 0,
                RetryDelay = TimeSpan.FromSeconds(random.Next(0, 5)),
                DependsOn = [.. Enumerable.Range(0, i).Where(_ => random.Next(3) == 0).Select(static d => $"s{d}")],
            })],
        };
        const int Width = 4;
        WorkflowMachine machine = new(definition, Width);
        RunState state = RunState.Begin("id", "t", definition, Begin);
        DateTimeOffset now = Begin;
        List<int> ended = [], undone = [];
        long sequence = 0;
        void Take(Transition transition)
        {
            foreach (WorkflowEvent e in transition.Events)
            {
                e.Sequence.Should().Be(++sequence, "each event has the next number");
            }

            state = transition.State;
        }

        for (int turn = 0; !state.IsEnded; turn++)
        {
            turn.Should().BeLessThan(2_000, "it comes to an end");
            RunState before = state;
            Take(machine.Advance(state, now));
            int[] running = [.. Enumerable.Range(0, count).Where(i => state.Steps[i].Status is WorkflowStepStatus.Running)];
            running.Length.Should().BeLessThanOrEqualTo(strategy is WorkflowStrategy.Sequential ? 1 : Width);
            foreach (int i in running.Where(i => before.Steps[i].Status is WorkflowStepStatus.Pending))
            {
                machine.Graph.Needs(i).All(n => state.Steps[n].Status is WorkflowStepStatus.Completed).Should().BeTrue("step {0} begins after what it depends on", i);
                before.Status.Should().Be(WorkflowStatus.Running);
            }

            if (random.Next(20) == 0 && state.Status is WorkflowStatus.Running or WorkflowStatus.Paused or WorkflowStatus.Stuck)
            {
                Take(state.Status is WorkflowStatus.Running ? (random.Next(3) == 0 ? WorkflowMachine.Cancel(state, "x", now) : WorkflowMachine.Pause(state, "x", now)) : WorkflowMachine.Resume(state, "x", now));
            }
            else if (random.Next(15) == 0)
            {
                Take(machine.Recovered(state, now)); // the host died and is back
            }
            else if (running.Length > 0)
            {
                int i = running[random.Next(running.Length)];
                Take(random.Next(3) switch
                {
                    0 => machine.Failed(state, i, "broken", random.Next(2) == 0, null, now),
                    _ => machine.Completed(state, i, false, now),
                });
                if (state.Steps[i].Status is WorkflowStepStatus.Completed or WorkflowStepStatus.Failed)
                {
                    ended.Add(i);
                }
            }
            else if (state.Status is WorkflowStatus.Compensating && Enumerable.Range(0, count).FirstOrDefault(i => state.Steps[i].Status is WorkflowStepStatus.Compensating, -1) is >= 0 and int undoing)
            {
                Take(random.Next(4) == 0 ? machine.UndoFailed(state, undoing, "broken", now) : WorkflowMachine.Undone(state, undoing, now));
                if (state.Steps[undoing].Status is WorkflowStepStatus.Compensated)
                {
                    undone.Add(undoing);
                }
            }
            else if (state.Status is WorkflowStatus.Paused or WorkflowStatus.Stuck)
            {
                Take(WorkflowMachine.Resume(state, null, now));
            }
            else if (!state.IsEnded)
            {
                now = WorkflowMachine.WakeAt(state, now) ?? throw new InvalidOperationException("It would wait for ever.");
            }
        }

        if (state.Status is WorkflowStatus.Completed)
        {
            state.Steps.Select(static (s, i) => (s, i)).Should().OnlyContain(p => p.s.Status == WorkflowStepStatus.Completed || p.s.Status == WorkflowStepStatus.Skipped || definition.Steps[p.i].Optional);
            undone.Should().BeEmpty();
        }
        else
        {
            state.Steps.Should().OnlyContain(static s => s.Status == WorkflowStepStatus.Compensated || s.Status == WorkflowStepStatus.Skipped);
            undone.Where(ended.Contains).Should().Equal(ended.Where(undone.Contains).Reverse().Distinct(), "what ended last is undone first");
        }
    }
}
