using Orleans.Runtime;
using Providers.Conformance.Orchestration;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>Two activations of one workflow, which a cluster may have for a moment; and writes whose answers are lost.</summary>
public sealed class StoreTests
{
    private static readonly DateTimeOffset Now = SharedCluster.NewTime().GetUtcNow();
    private readonly SharedStorage _storage = new();
    private readonly WorkflowDefinition _definition = Flow(Step("a"), Step("b", "a"));

    private WorkflowMachine Machine => new(_definition, 8);

    [Fact]
    public async Task Save_ByAnActivationThatWasReplaced_IsRefusedAndSpoilsNothing()
    {
        GrainWorkflowStore old = await CreateAsync();
        await old.SaveAsync(Machine.Advance(old.State!, Now), 0, null, default); // step a runs in the old silo
        GrainWorkflowStore next = Open();
        RunState found = (await next.LoadAsync(default))!;
        await next.SaveAsync(Machine.Recovered(found, Now), 0, null, default);
        await next.SaveAsync(Machine.Advance(next.State!, Now), 0, null, default); // and again in the new one
        await next.SaveAsync(Machine.Completed(next.State!, 0, true, Now), 0, (0, Json("\"new\"")), default);

        Func<Task> late = async () => await old.SaveAsync(Machine.Completed(old.State!, 0, true, Now), 0, (0, Json("\"late\"")), default);
        await late.Should().ThrowAsync<WorkflowTakenException>();

        GrainWorkflowStore reader = Open();
        await reader.LoadAsync(default);
        (await reader.LoadOutputAsync("", "", 0, default))!.Value.GetString().Should().Be("new");
        (await reader.LoadEventsAsync(default)).Count(static e => e.What == "step.completed").Should().Be(1);
    }

    [Fact]
    public async Task Save_TwoActivationsMeanToBeginTheSameTry_OneDoes()
    {
        GrainWorkflowStore first = await CreateAsync();
        GrainWorkflowStore second = Open();
        await second.LoadAsync(default);
        Transition begin = Machine.Advance(first.State!, Now);
        await first.SaveAsync(begin, 0, null, default);
        Func<Task> same = async () => await second.SaveAsync(begin, 0, null, default);
        await same.Should().ThrowAsync<WorkflowTakenException>("the text would be the same, but who wrote it is not");
    }

    [Theory]
    [InlineData("run")]
    [InlineData("output.0.1")]
    public async Task Save_AnswerIsLost_RepeatingItFindsItDone(string document)
    {
        GrainWorkflowStore store = await CreateAsync();
        await store.SaveAsync(Machine.Advance(store.State!, Now), 0, null, default);
        LoseAnswerOf(document);
        Transition done = Machine.Completed(store.State!, 0, true, Now);
        Func<Task> save = async () => await store.SaveAsync(done, 0, (0, Json("1")), default);
        await save.Should().ThrowAsync<IOException>();
        await save.Should().NotThrowAsync();
        (await store.LoadEventsAsync(default)).Select(static e => e.What).Should().Equal("started", "step.started", "step.completed");
        await store.SaveAsync(Machine.Advance(store.State!, Now), 0, null, default);
        store.State!.Steps[1].Status.Should().Be(WorkflowStepStatus.Running);
    }

    [Fact]
    public async Task Create_AnswerIsLost_RepeatingItFindsItDone()
    {
        GrainWorkflowStore store = Open();
        LoseAnswerOf("run");
        await FluentActions.Awaiting(() => store.CreateAsync(Begun(), 3, default)).Should().ThrowAsync<IOException>();
        (await store.CreateAsync(Begun(), 3, default)).Should().BeTrue();
        store.Place.Should().Be(3);
    }

    [Fact]
    public async Task Find_AfterAWriteThatFailed_SaysWhetherItWasMade()
    {
        GrainWorkflowStore store = await CreateAsync();
        Transition pause = WorkflowMachine.Pause(store.State!, "ann", Now);
        (await store.FindAsync(pause, 0, default)).Should().BeNull("nothing was written");
        LoseAnswerOf("run");
        await FluentActions.Awaiting(async () => await store.SaveAsync(pause, 0, null, default)).Should().ThrowAsync<IOException>();
        (await store.FindAsync(pause, 0, default)).Should().Be(pause.State.Sequence);
        store.State!.Status.Should().Be(WorkflowStatus.Paused);
        await store.SaveAsync(WorkflowMachine.Resume(store.State, "ann", Now), 0, null, default);
        (await store.LoadEventsAsync(default)).Select(static e => e.What).Should().Equal("started", "paused", "resumed");
    }

    [Fact]
    public async Task Find_WhatAnotherActivationWrote_IsNotTakenOver()
    {
        GrainWorkflowStore old = await CreateAsync();
        GrainWorkflowStore next = Open();
        await next.LoadAsync(default);
        Transition pause = WorkflowMachine.Pause(old.State!, "ann", Now);
        await next.SaveAsync(pause, 0, null, default);
        await FluentActions.Awaiting(async () => await old.FindAsync(pause, 0, default)).Should().ThrowAsync<WorkflowTakenException>("the text would be the same, but who wrote it is not");
        await FluentActions.Awaiting(async () => await old.SaveAsync(pause, 0, null, default)).Should().ThrowAsync<WorkflowTakenException>("its tag is still the old one");
        await next.SaveAsync(WorkflowMachine.Resume(next.State!, "ann", Now), 0, null, default);
    }

    [Fact]
    public async Task Save_AnotherTransitionThanTheOneWhoseAnswerWasLost_IsNotTakenForIt()
    {
        GrainWorkflowStore store = await CreateAsync();
        LoseAnswerOf("run");
        await FluentActions.Awaiting(async () => await store.SaveAsync(WorkflowMachine.Pause(store.State!, "ann", Now), 0, null, default)).Should().ThrowAsync<IOException>();
        await FluentActions.Awaiting(async () => await store.SaveAsync(WorkflowMachine.Pause(store.State!, "bob", Now), 0, null, default)).Should().ThrowAsync<WorkflowTakenException>();
    }

    [Fact]
    public async Task Create_ByTwo_OneIsFirst()
    {
        GrainWorkflowStore loser = Open();
        await loser.LoadAsync(default);
        await CreateAsync();
        (await loser.CreateAsync(Begun() with { State = Begun().State with { Goal = "another" } }, 9, default)).Should().BeFalse();
        GrainWorkflowStore reader = Open();
        (await reader.LoadAsync(default))!.Goal.Should().BeEmpty();
        reader.State!.Definition.Steps.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(700)]
    public async Task Events_OfManyPages_AreReadWholeUpToTheLastThousand(int pauses)
    {
        GrainWorkflowStore store = await CreateAsync();
        for (int i = 0; i < pauses; i++)
        {
            await store.SaveAsync(WorkflowMachine.Pause(store.State!, $"p{i}", Now), 0, null, default);
            await store.SaveAsync(WorkflowMachine.Resume(store.State!, $"r{i}", Now), 0, null, default);
        }

        GrainWorkflowStore reader = Open();
        await reader.LoadAsync(default);
        IReadOnlyList<WorkflowEvent> events = await reader.LoadEventsAsync(default);
        long all = 1 + (2 * pauses);
        events.Select(static e => e.Sequence).Should().Equal(Enumerable.Range(0, (int)Math.Min(1_000, all)).Select(i => all - Math.Min(1_000, all) + 1 + i));
        events[^1].Actor.Should().Be($"r{pauses - 1}");
        await reader.DeleteAsync(default);
        _storage.Names.Should().BeEmpty();
        reader.State.Should().BeNull();
    }

    [Fact]
    public async Task Load_DefinitionIsGone_SaysWhatToDo()
    {
        await CreateAsync();
        _storage.Remove(_storage.Names.Single(static n => n.StartsWith("definition", StringComparison.Ordinal)));
        await FluentActions.Awaiting(() => Open().LoadAsync(default)).Should().ThrowAsync<InvalidDataException>().WithMessage("*backup*");
    }

    private Transition Begun()
    {
        Changes begun = new(RunState.Begin("w", "acme", _definition, Now), Now);
        begun.Say("started");
        return begun.Done();
    }

    private GrainWorkflowStore Open() => new(new DocumentStore(_storage, GrainId.Create(WorkflowGrain.Type, "w")), static _ => Task.CompletedTask);

    private async Task<GrainWorkflowStore> CreateAsync()
    {
        GrainWorkflowStore store = Open();
        await store.LoadAsync(default);
        (await store.CreateAsync(Begun(), 0, default)).Should().BeTrue();
        return store;
    }

    private void LoseAnswerOf(string document) => _storage.After = name =>
    {
        if (name == document)
        {
            _storage.After = null;
            throw new IOException("The line is cut.");
        }
    };
}
