namespace Providers.Orchestration;

/// <summary>A state and what led to it: both are written together.</summary>
internal sealed record Transition(RunState State, IReadOnlyList<WorkflowEvent> Events)
{
    public static Transition None(RunState state) => new(state, []);
}

/// <summary>Collects what happens within one transition.</summary>
internal sealed class Changes(RunState state, DateTimeOffset now)
{
    private readonly List<WorkflowEvent> _events = [];

    public RunState State { get; set; } = state;

    public DateTimeOffset Now => now;

    public StepState this[int step]
    {
        get => State.Steps[step];
        set => State = State.With(step, value);
    }

    public void Say(string what, string? step = null, string? detail = null, string? actor = null)
    {
        State = State with { Sequence = State.Sequence + 1, Updated = now };
        _events.Add(new WorkflowEvent(State.Sequence, now, what, step, detail, actor));
    }

    public Transition Done() => new(State, _events);
}
