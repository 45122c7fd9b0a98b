using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Providers.Memory;

namespace Providers.Orchestration;

/// <summary>Keeps workflows in the host's memory store, under a tenant no caller's identity gives: one namespace for each tenant, and a list of what is open.</summary>
internal sealed class MemoryWorkflowStore(IMemoryStore store) : IWorkflowStore
{
    internal const string Owner = MemoryScope.ReservedTenantPrefix + "orchestration";

    /// <summary>Bytes of a state; below the smallest limit on texts that a store has by default.</summary>
    private const int StateBytes = 60 * 1024;

    private const string StateKind = "workflow", DefinitionKind = "workflow.definition", OutputKind = "workflow.output", EventKind = "workflow.event", OpenKind = "workflow.open";
    private static readonly MemoryScope s_open = new(Owner + ".open");
    private readonly Guid _writer = Guid.NewGuid();

    public async ValueTask<bool> CreateAsync(Transition transition, CancellationToken cancellationToken)
    {
        RunState state = transition.State;
        await store.ExecuteAsync(new MemoryTransaction(s_open, [new MemoryUpsert(new MemoryRecord { Id = state.Id, Kind = OpenKind, Text = state.Tenant })]), cancellationToken).ConfigureAwait(false);
        string definition = JsonSerializer.Serialize(state.Definition, WorkflowJson.Default.WorkflowDefinition);
        MemoryOperation[] operations = [StateOf(state, 0), .. Documents.Write("d:" + state.Id, DefinitionKind, state.Id, definition), .. EventsOf(transition)];
        try
        {
            await store.ExecuteAsync(new MemoryTransaction(ScopeOf(state.Tenant), operations), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (MemoryConflictException)
        {
            return false;
        }
    }

    public async ValueTask<long> SaveAsync(Transition transition, long version, (int Step, JsonElement Output)? output, CancellationToken cancellationToken)
    {
        RunState state = transition.State;
        List<MemoryOperation> operations = [StateOf(state, version), .. EventsOf(transition)];
        if (output is { } made)
        {
            operations.AddRange(Documents.Write(OutputId(state.Id, made.Step), OutputKind, state.Id, WorkflowJson.Text(made.Output)));
        }

        // The key is this writer's own: what another wrote under the same number is a conflict, not a key used twice.
        MemoryTransaction change = new(ScopeOf(state.Tenant), operations) { IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{state.Id}:{state.Sequence}:{_writer:N}") };
        try
        {
            return (await store.ExecuteAsync(change, cancellationToken).ConfigureAwait(false)).Outcomes[0].Version;
        }
        catch (MemoryConflictException e)
        {
            throw WorkflowTakenException.ByAnother(state.Id, e);
        }
    }

    public async ValueTask<long?> FindAsync(Transition transition, long version, CancellationToken cancellationToken)
    {
        RunState state = transition.State;
        MemoryRecord? there = await store.GetAsync(ScopeOf(state.Tenant), state.Id, cancellationToken).ConfigureAwait(false);
        return there?.Version == version ? null
            : there?.Text == Text(state) ? there.Version
            : throw WorkflowTakenException.ByAnother(state.Id, null);
    }

    public async ValueTask<(RunState State, long Version)?> LoadAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        MemoryScope scope = ScopeOf(tenant);
        if (await store.GetAsync(scope, id, cancellationToken).ConfigureAwait(false) is not { Kind: StateKind } record)
        {
            return null;
        }

        string definition = await Documents.ReadAsync(store, scope, "d:" + id, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidDataException($"The definition of workflow '{id}' is missing from the store; restore it from a backup.");
        return (Read(record) with { Definition = JsonSerializer.Deserialize(definition, WorkflowJson.Default.WorkflowDefinition)! }, record.Version);
    }

    public async ValueTask<JsonElement?> LoadOutputAsync(string tenant, string id, int step, CancellationToken cancellationToken) =>
        await Documents.ReadAsync(store, ScopeOf(tenant), OutputId(id, step), cancellationToken).ConfigureAwait(false) is { } text ? JsonSerializer.Deserialize(text, WorkflowJson.Default.JsonElement) : null;

    public async ValueTask<IReadOnlyList<WorkflowEvent>> LoadEventsAsync(string tenant, string id, CancellationToken cancellationToken)
    {
        List<WorkflowEvent> events = [];
        MemoryListOptions options = new() { Limit = 200, Filter = new MemoryFilter { Kinds = [EventKind], TagsAll = [id] } };
        while (true)
        {
            MemoryPage page = await store.ListAsync(ScopeOf(tenant), options, cancellationToken).ConfigureAwait(false);
            events.AddRange(page.Records.Select(static r => JsonSerializer.Deserialize(r.Text, WorkflowJson.Default.WorkflowEvent)!));
            if (page.NextCursor is null)
            {
                events.Sort(static (a, b) => a.Sequence.CompareTo(b.Sequence));
                return events.Count > 1_000 ? events[^1_000..] : events;
            }

            options = options with { Cursor = page.NextCursor };
        }
    }

    public async ValueTask<(IReadOnlyList<RunState> States, string? NextCursor)> ListAsync(string tenant, int limit, string? cursor, CancellationToken cancellationToken)
    {
        MemoryPage page = await store.ListAsync(ScopeOf(tenant), new MemoryListOptions { Limit = limit, Cursor = cursor, Filter = new MemoryFilter { Kinds = [StateKind] } }, cancellationToken).ConfigureAwait(false);
        return ([.. page.Records.Select(Read)], page.NextCursor);
    }

    public async IAsyncEnumerable<(string Tenant, string Id)> ListOpenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        MemoryListOptions options = new() { Limit = 200 };
        while (true)
        {
            MemoryPage page = await store.ListAsync(s_open, options, cancellationToken).ConfigureAwait(false);
            foreach (MemoryRecord record in page.Records)
            {
                yield return (record.Text, record.Id);
            }

            if (page.NextCursor is null)
            {
                yield break;
            }

            options = options with { Cursor = page.NextCursor };
        }
    }

    public async ValueTask CloseAsync(string tenant, string id, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        MemoryScope scope = ScopeOf(tenant);
        if (expires is not null)
        {
            List<MemoryOperation> patches = [new MemoryPatch(id) { Expires = expires }];
            MemoryListOptions options = new() { Limit = 200, Filter = new MemoryFilter { TagsAll = [id] } };
            do
            {
                MemoryPage page = await store.ListAsync(scope, options, cancellationToken).ConfigureAwait(false);
                patches.AddRange(page.Records.Where(r => r.Id != id).Select(r => new MemoryPatch(r.Id) { Expires = expires }));
                options = options with { Cursor = page.NextCursor };
            }
            while (options.Cursor is not null);

            foreach (MemoryOperation[] chunk in patches.Chunk(500))
            {
                await store.ExecuteAsync(new MemoryTransaction(scope, chunk), cancellationToken).ConfigureAwait(false);
            }
        }

        await store.ExecuteAsync(new MemoryTransaction(s_open, [new MemoryDelete(id)]), cancellationToken).ConfigureAwait(false);
    }

    private static MemoryScope ScopeOf(string tenant) => new(Owner, tenant);

    private static string OutputId(string id, int step) => string.Create(CultureInfo.InvariantCulture, $"o:{id}:{step}");

    /// <summary>A state as it is kept. Where all that went wrong in it is more than a memory holds, each is kept shorter: the workflow must not stand still for that.</summary>
    private static string Text(RunState state)
    {
        string text = JsonSerializer.Serialize(state, WorkflowJson.Default.RunState);
        for (int most = 256; text.Length > StateBytes && most > 0; most /= 2)
        {
            RunState shorter = state with { Reason = Cut(state.Reason, most), Steps = [.. state.Steps.Select(s => s with { Error = Cut(s.Error, most) })] };
            text = JsonSerializer.Serialize(shorter, WorkflowJson.Default.RunState);
        }

        return text;
    }

    private static string? Cut(string? text, int most) => text?.Length > most ? text[..most] : text;

    private static RunState Read(MemoryRecord record) => JsonSerializer.Deserialize(record.Text, WorkflowJson.Default.RunState)!;

    private static MemoryUpsert StateOf(RunState state, long version) =>
        new(new MemoryRecord { Id = state.Id, Kind = StateKind, Text = Text(state) }) { ExpectedVersion = version };

    private static IEnumerable<MemoryUpsert> EventsOf(Transition transition) => transition.Events.Select(e => new MemoryUpsert(new MemoryRecord
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"e:{transition.State.Id}:{e.Sequence}"),
        Kind = EventKind,
        Tags = [transition.State.Id],
        Text = JsonSerializer.Serialize(e, WorkflowJson.Default.WorkflowEvent),
    }));
}
