using System.Text.Json;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Storage;

namespace Providers.Orchestration.Orleans;

/// <summary>Knows which workflows a tenant has, and once a day takes leave of those whose time has come. How each stands is read from what it wrote itself.</summary>
[GrainType("providers.workflows")]
[Reentrant]
internal sealed class WorkflowListGrain(SiloWorkflows silo) : Grain, IWorkflowListGrain, IRemindable, IDisposable
{
    private const string Sweep = "sweep";
    private const int Together = 16;
    private WorkflowPages? _pages;
    private bool _swept;

    private WorkflowPages Pages => _pages ??= new WorkflowPages(silo.Documents(this.GetGrainId()));

    public override Task OnActivateAsync(CancellationToken cancellationToken) => Pages.OpenAsync(cancellationToken);

    public void Dispose() => _pages?.Dispose();

    public async Task<long> AddAsync(string id)
    {
        if (!_swept)
        {
            if (await this.GetReminder(Sweep).ConfigureAwait(true) is null)
            {
                await this.RegisterOrUpdateReminder(Sweep, TimeSpan.FromDays(1), TimeSpan.FromDays(1)).ConfigureAwait(true);
            }

            _swept = true;
        }

        try
        {
            return await Pages.AddAsync(id, silo.Now).ConfigureAwait(true);
        }
        catch (InconsistentStateException)
        {
            DeactivateOnIdle(); // another activation has written; the next one reads that first
            throw;
        }
    }

    public async Task<WorkflowListReply> ListAsync(long after, int limit)
    {
        List<(long Place, WorkflowSnapshot Workflow)> found = [];
        for (long page = Math.Max(Pages.First, (after + 1) / WorkflowPages.Size); page <= Pages.Last && found.Count <= limit; page++)
        {
            foreach (ListEntry[] some in (await Pages.EntriesAsync(page, CancellationToken.None).ConfigureAwait(true)).Where(e => e.Place > after).Chunk(Together))
            {
                RunDocument?[] runs = await Task.WhenAll(some.Select(ReadAsync)).ConfigureAwait(true);
                found.AddRange(some.Zip(runs).Where(static p => p.Second is { } run && run.Place == p.First.Place).Select(static p => (p.First.Place, Snapshots.Of(p.Second!.State))));
                if (found.Count > limit)
                {
                    break;
                }
            }
        }

        return new WorkflowListReply
        {
            Workflows = JsonSerializer.SerializeToUtf8Bytes([.. found.Take(limit).Select(static f => f.Workflow)], ClusterJson.Default.IReadOnlyListWorkflowSnapshot),
            After = found.Count > limit ? found[limit - 1].Place : null,
        };
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        DateTimeOffset due = silo.Now - silo.Retention;
        for (long page = Pages.First; page <= Pages.Last; page++)
        {
            HashSet<long> gone = [];
            foreach (ListEntry[] some in (await Pages.EntriesAsync(page, CancellationToken.None).ConfigureAwait(true)).Where(e => e.Added <= due).Chunk(Together))
            {
                bool[] forgotten = await Task.WhenAll(some.Select(ForgetAsync)).ConfigureAwait(true);
                gone.UnionWith(some.Zip(forgotten).Where(static p => p.Second).Select(static p => p.First.Place));
            }

            if (gone.Count > 0)
            {
                await Pages.RemoveAsync(page, gone).ConfigureAwait(true);
            }
        }
    }

    private async Task<bool> ForgetAsync(ListEntry entry)
    {
        try
        {
            return await GrainFactory.GetGrain<IWorkflowGrain>(entry.Id).ForgetAsync(entry.Place).ConfigureAwait(true);
        }
#pragma warning disable CA1031 // One workflow that cannot be removed today must not keep the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            silo.Surroundings.Log.NotForgotten(entry.Id, e);
            return false;
        }
    }

    private async Task<RunDocument?> ReadAsync(ListEntry entry)
    {
        (string? json, _) = await silo.Documents(GrainId.Create(WorkflowGrain.Type, entry.Id)).ReadAsync(RunDocument.Name, CancellationToken.None).ConfigureAwait(true);
        return json is null ? null : JsonSerializer.Deserialize(json, ClusterJson.Default.RunDocument);
    }
}
