using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Providers.Memory;

namespace Providers.Orchestration;

/// <summary>Keeps tasks in the host's memory store; a change that another one overtook is refused, never lost.</summary>
internal sealed class TaskBoard(IMemoryStore store, TimeProvider clock)
{
    private const string Kind = "task";

    /// <summary>Bytes of a task; below the smallest limit on texts that a store has by default.</summary>
    private const int TaskBytes = 60 * 1024;

    public DateTimeOffset Now => clock.GetUtcNow();

    public async ValueTask<(WorkTask Task, long Version)> CreateAsync(string tenant, WorkTask task, CancellationToken cancellationToken)
    {
        WorkTask made = task with { Id = Guid.CreateVersion7(Now).ToString(), Created = Now };
        return await SaveAsync(tenant, made, 0, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes a task; <see langword="null"/>: there is none with that id.</summary>
    public async ValueTask<(WorkTask Task, long Version)?> ChangeAsync(string tenant, string id, long? expected, Func<WorkTask, WorkTask> change, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(Scope(tenant), id, cancellationToken).ConfigureAwait(false) is not { Kind: Kind } record)
        {
            return null;
        }

        if (expected is { } version && version != record.Version)
        {
            throw new WorkflowConflictException($"Task '{id}' is at version {record.Version}; version {version} was expected. Read it again and repeat the change.");
        }

        return await SaveAsync(tenant, change(Read(record)), record.Version, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<(IReadOnlyList<(WorkTask Task, long Version)> Tasks, string? NextCursor)> ListAsync(
        string tenant, string? status, string? assignee, int limit, string? cursor, CancellationToken cancellationToken)
    {
        string[] tags = [.. new[] { status is null ? null : "status:" + status, assignee is null ? null : AssigneeTag(assignee) }.OfType<string>()];
        MemoryListOptions options = new() { Limit = limit, Cursor = cursor, Filter = new MemoryFilter { Kinds = [Kind], TagsAll = tags } };
        MemoryPage page = await store.ListAsync(Scope(tenant), options, cancellationToken).ConfigureAwait(false);
        return ([.. page.Records.Select(static r => (Read(r), r.Version))], page.NextCursor);
    }

    private static MemoryScope Scope(string tenant) => new(MemoryWorkflowStore.Owner, tenant);

    private static WorkTask Read(MemoryRecord record) => JsonSerializer.Deserialize(record.Text, WorkflowJson.Default.WorkTask)!;

    /// <summary>A name that is longer than a tag may be is found by its hash: those that begin alike are others.</summary>
    private static string AssigneeTag(string assignee) =>
        "assignee:" + (assignee.Length <= 54 ? assignee : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(assignee)).AsSpan(0, 16)));

    /// <summary>A history that one memory does not hold loses its oldest lines: a task must not be stuck for what was said about it.</summary>
    private static (WorkTask Task, string Text) Fit(WorkTask task)
    {
        string text = JsonSerializer.Serialize(task, WorkflowJson.Default.WorkTask);
        while (text.Length > TaskBytes && task.Audit.Count > 1)
        {
            task = task with { Audit = [.. task.Audit.Skip(1)] };
            text = JsonSerializer.Serialize(task, WorkflowJson.Default.WorkTask);
        }

        return (task, text);
    }

    private async ValueTask<(WorkTask Task, long Version)> SaveAsync(string tenant, WorkTask task, long version, CancellationToken cancellationToken)
    {
        List<string> tags = ["status:" + WorkTask.Name(task.Status)];
        if (task.Assignee is { } assignee)
        {
            tags.Add(AssigneeTag(assignee));
        }

        (WorkTask kept, string text) = Fit(task);
        MemoryUpsert upsert = new(new MemoryRecord { Id = task.Id, Kind = Kind, Tags = tags, Text = text }) { ExpectedVersion = version };
        return (kept, (await store.ExecuteAsync(new MemoryTransaction(Scope(tenant), [upsert]), cancellationToken).ConfigureAwait(false)).Outcomes[0].Version);
    }
}
