using Providers.Memory;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Orchestration.Tests;

/// <summary>What the store of one process keeps, when there is much of it.</summary>
public sealed class StoreTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly InMemoryStore _memory = new();
    private readonly MemoryWorkflowStore _store;

    public StoreTests() => _store = new MemoryWorkflowStore(_memory);

    [Fact]
    public async Task Events_MoreThanAPage_AreReadInOrderUpToTheLastThousandAndAllExpire()
    {
        RunState state = await CreateAsync("w");
        long version = (await _store.LoadAsync("acme", "w", default))!.Value.Version;
        for (int i = 0; i < 1_050; i++)
        {
            Transition next = i % 2 == 0 ? WorkflowMachine.Pause(state, "ann", Now) : WorkflowMachine.Resume(state, "ann", Now);
            version = await _store.SaveAsync(next, version, null, default);
            state = next.State;
        }

        (await _store.LoadEventsAsync("acme", "w", default)).Select(static e => e.Sequence).Should().Equal(Enumerable.Range(52, 1_000).Select(static i => (long)i));
        DateTimeOffset expires = DateTimeOffset.UtcNow.AddDays(7);
        await _store.CloseAsync("acme", "w", expires, default);
        int all = 0;
        MemoryListOptions options = new() { Limit = 200 };
        do
        {
            MemoryPage page = await _memory.ListAsync(new MemoryScope(MemoryWorkflowStore.Owner, "acme"), options);
            page.Records.Should().OnlyContain(r => r.Expires == expires);
            all += page.Records.Count;
            options = options with { Cursor = page.NextCursor };
        }
        while (options.Cursor is not null);
        all.Should().Be(1_051 + 2, "events, the state and the definition");
        (await OpenAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Open_MoreThanAPage_AreAllListed()
    {
        for (int i = 0; i < 205; i++)
        {
            await CreateAsync($"w{i}");
        }

        (await OpenAsync()).Should().BeEquivalentTo(Enumerable.Range(0, 205).Select(static i => ("acme", $"w{i}")));
    }

    [Fact]
    public async Task Create_Twice_IsRefusedAndKeepsTheFirst()
    {
        await CreateAsync("w");
        (await _store.CreateAsync(Begun("w", "another"), default)).Should().BeFalse();
        (await _store.LoadAsync("acme", "w", default))!.Value.State.Name.Should().Be("flow");
    }

    [Fact]
    public async Task State_OfWhichMoreWentWrongThanAMemoryHolds_IsWrittenAllTheSame()
    {
        WorkflowStep[] steps = [.. Enumerable.Range(0, 50).Select(static i => Step($"{new string('s', 60)}-{i}"))];
        Changes begun = new(RunState.Begin("w", "acme", Flow(steps) with { Goal = new string('目', 4_096), Name = new string('名', 180) }, Now), Now);
        begun.Say("started");
        RunState state = begun.Done().State;
        (await _store.CreateAsync(begun.Done(), default)).Should().BeTrue();
        long version = (await _store.LoadAsync("acme", "w", default))!.Value.Version;
        Changes failed = new(state with { Reason = new string('故', 500) }, Now);
        for (int i = 0; i < steps.Length; i++)
        {
            failed[i] = failed[i] with { Status = WorkflowStepStatus.Failed, Attempts = 10, Started = Now, Ended = Now, NotBefore = Now, Order = int.MaxValue, Error = new string('錯', 500) };
        }

        failed.Say("failing");
        long written = await _store.SaveAsync(failed.Done(), version, null, default);
        (await _store.FindAsync(failed.Done(), version, default)).Should().Be(written);
        RunState kept = (await _store.LoadAsync("acme", "w", default))!.Value.State;
        kept.Goal.Should().HaveLength(4_096);
        kept.Steps.Should().OnlyContain(static s => s.Error!.Length >= 16 && s.Error.All(static c => c == '錯'), "each still says something");
    }

    [Fact]
    public async Task Load_DefinitionIsGone_SaysWhatToDo()
    {
        await CreateAsync("w");
        await _memory.ExecuteAsync(new MemoryTransaction(new MemoryScope(MemoryWorkflowStore.Owner, "acme"), [new MemoryDelete("d:w:0")]));
        await FluentActions.Awaiting(async () => await _store.LoadAsync("acme", "w", default)).Should().ThrowAsync<InvalidDataException>().WithMessage("*backup*");
    }

    private static Transition Begun(string id, string name)
    {
        Changes begun = new(RunState.Begin(id, "acme", Flow(Step("a")) with { Name = name }, Now), Now);
        begun.Say("started");
        return begun.Done();
    }

    private async Task<RunState> CreateAsync(string id)
    {
        (await _store.CreateAsync(Begun(id, "flow"), default)).Should().BeTrue();
        return Begun(id, "flow").State;
    }

    private async Task<List<(string Tenant, string Id)>> OpenAsync()
    {
        List<(string, string)> open = [];
        await foreach ((string Tenant, string Id) one in _store.ListOpenAsync(default))
        {
            open.Add(one);
        }

        return open;
    }
}
