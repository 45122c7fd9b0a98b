using System.Globalization;
using System.Text.Json;
using Orleans.Storage;

namespace Providers.Orchestration.Orleans;

/// <summary>
/// Keeps one workflow for one activation of its grain. Only the document <c>run</c> decides: it is written against the version that was read, so of two activations
/// one is refused. All others are written before it and belong to one try of one step, or say the same whoever writes them, so that no write can spoil what the run refers to.
/// </summary>
internal sealed class GrainWorkflowStore(DocumentStore documents, Func<CancellationToken, Task> closed) : IRunStore
{
    private readonly Guid _writer = Guid.NewGuid();
    private volatile RunDocument? _run;
    private string? _etag;

    /// <summary>Gets the state that was last read or written here; <see langword="null"/>: there is no such workflow.</summary>
    public RunState? State => _run?.State;

    public long Place => _run?.Place ?? -1;

    public async Task<RunState?> LoadAsync(CancellationToken cancellationToken)
    {
        (string? json, _etag) = await documents.ReadAsync(RunDocument.Name, cancellationToken).ConfigureAwait(false);
        if (json is not null)
        {
            RunDocument run = JsonSerializer.Deserialize(json, ClusterJson.Default.RunDocument)!;
            string definition = (await documents.ReadAsync(run.Definition, cancellationToken).ConfigureAwait(false)).Json
                ?? throw new InvalidDataException($"The definition of workflow '{run.State.Id}' is missing from the grain storage; restore it from a backup.");
            _run = run with { State = run.State with { Definition = JsonSerializer.Deserialize(definition, WorkflowJson.Default.WorkflowDefinition)! } };
        }

        return State;
    }

    /// <summary>Writes a new workflow; <see langword="false"/>: another activation was first.</summary>
    public async Task<bool> CreateAsync(Transition begun, long place, CancellationToken cancellationToken)
    {
        RunDocument run = new(begun.State, place, _writer, $"definition.{_writer:N}", begun.Events);
        await documents.PutAsync(run.Definition, JsonSerializer.Serialize(begun.State.Definition, WorkflowJson.Default.WorkflowDefinition), cancellationToken).ConfigureAwait(false);
        try
        {
            await WriteAsync(run, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (WorkflowTakenException)
        {
            return false;
        }
    }

    public async ValueTask<long> SaveAsync(Transition transition, long version, (int Step, JsonElement Output)? output, CancellationToken cancellationToken)
    {
        if (output is { } made)
        {
            await documents.PutAsync(OutputOf(transition.State, made.Step), WorkflowJson.Text(made.Output), cancellationToken).ConfigureAwait(false);
        }

        // Only what the run already refers to goes into a page, so that whoever writes it writes the same.
        RunDocument last = _run!;
        foreach (WorkflowEvent[] page in last.Events.Chunk(RunDocument.PageSize).Where(static p => p.Length == RunDocument.PageSize))
        {
            await documents.PutAsync(PageOf(page[0].Sequence), JsonSerializer.Serialize(page, ClusterJson.Default.IReadOnlyListWorkflowEvent), cancellationToken).ConfigureAwait(false);
        }

        await WriteAsync(After(last, transition), cancellationToken).ConfigureAwait(false);
        return transition.State.Sequence;
    }

    public async ValueTask<long?> FindAsync(Transition transition, long version, CancellationToken cancellationToken)
    {
        RunDocument wanted = After(_run!, transition);
        (string? there, string? etag) = await documents.ReadAsync(RunDocument.Name, cancellationToken).ConfigureAwait(false);
        if (etag == _etag)
        {
            return null;
        }

        if (there != Text(wanted))
        {
            throw WorkflowTakenException.ByAnother(transition.State.Id, null);
        }

        (_run, _etag) = (wanted, etag);
        return transition.State.Sequence;
    }

    public async ValueTask<JsonElement?> LoadOutputAsync(string tenant, string id, int step, CancellationToken cancellationToken) =>
        (await documents.ReadAsync(OutputOf(_run!.State, step), cancellationToken).ConfigureAwait(false)).Json is { } json ? JsonSerializer.Deserialize(json, WorkflowJson.Default.JsonElement) : null;

    public async Task<IReadOnlyList<WorkflowEvent>> LoadEventsAsync(CancellationToken cancellationToken)
    {
        const int Most = 1_000;
        RunDocument run = _run!;
        List<WorkflowEvent> events = [.. run.Events];
        for (long first = run.Events[0].Sequence - RunDocument.PageSize; first > 0 && events.Count < Most; first -= RunDocument.PageSize)
        {
            string? page = (await documents.ReadAsync(PageOf(first), cancellationToken).ConfigureAwait(false)).Json;
            events.InsertRange(0, page is null ? [] : JsonSerializer.Deserialize(page, ClusterJson.Default.IReadOnlyListWorkflowEvent)!);
        }

        return events.Count > Most ? events[^Most..] : events;
    }

    public async ValueTask CloseAsync(string tenant, string id, DateTimeOffset? expires, CancellationToken cancellationToken) => await closed(cancellationToken).ConfigureAwait(false);

    /// <summary>Removes everything; the run goes last, so that what is left after a crash is removed the next time.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        RunDocument run = _run!;
        IEnumerable<string> outputs = run.State.Steps.SelectMany((s, i) => Enumerable.Range(1, Math.Max(1, s.Attempts)).Select(a => OutputName(i, a)));
        IEnumerable<string> pages = Enumerable.Range(0, (int)((run.Events[0].Sequence - 1) / RunDocument.PageSize)).Select(static p => PageOf(1 + ((long)p * RunDocument.PageSize)));
        foreach (string name in (IEnumerable<string>)[.. outputs, .. pages, run.Definition, RunDocument.Name])
        {
            await documents.ClearAsync(name, cancellationToken).ConfigureAwait(false);
        }

        _run = null;
    }

    private static string OutputOf(RunState state, int step) => OutputName(step, state.Steps[step].Attempts);

    /// <summary>Each try has a document of its own: what a silo that was given up still writes goes where nobody looks.</summary>
    private static string OutputName(int step, int attempt) => string.Create(CultureInfo.InvariantCulture, $"output.{step}.{attempt}");

    private static string PageOf(long firstSequence) => string.Create(CultureInfo.InvariantCulture, $"events.{firstSequence}");

    private static string Text(RunDocument run) => JsonSerializer.Serialize(run, ClusterJson.Default.RunDocument);

    /// <summary>The run once a transition is written; full pages of events are kept beside it.</summary>
    private RunDocument After(RunDocument last, Transition transition) =>
        last with { State = transition.State, Writer = _writer, Events = [.. last.Events.Skip(last.Events.Count / RunDocument.PageSize * RunDocument.PageSize), .. transition.Events] };

    private async Task WriteAsync(RunDocument run, CancellationToken cancellationToken)
    {
        string text = Text(run);
        try
        {
            _etag = await documents.WriteAsync(RunDocument.Name, text, _etag, cancellationToken).ConfigureAwait(false);
        }
        catch (InconsistentStateException e)
        {
            (string? there, string? etag) = await documents.ReadAsync(RunDocument.Name, cancellationToken).ConfigureAwait(false);
            if (there != text)
            {
                throw WorkflowTakenException.ByAnother(run.State.Id, e); // another activation's: its tag is not ours to write over
            }

            _etag = etag; // an earlier try got through, although its answer did not
        }

        _run = run;
    }
}
