using System.Text.Json;
using Providers.Tools;
using Providers.Tools.Shapes;

namespace Providers.Memory.Tools;

/// <summary>Says what a namespace holds, and whether its index finds it.</summary>
internal sealed class StatsTool(IMemoryService memory)
{
    private const int Probes = 8;

    public static ToolSpec Spec => new(
        "memory_stats",
        "Says how much a namespace holds and whether the memory is well.",
        new ObjectShape(MemoryFields.Namespace, new("include_details", new FlagShape { Description = "Also counts by kind and tag, and a probe of the index." })),
        MemoryOutputs.Stats,
        new ToolHints { Title = "Memory statistics", Scope = "memory:read", ReadOnly = true, Idempotent = true });

    public async ValueTask<JsonElement> RunAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        MemoryScope scope = MemoryWrites.Scope(request);
        MemoryStats stats = await memory.Store.GetStatsAsync(scope, cancellationToken).ConfigureAwait(false);
        StatsResult result = new(scope.Namespace, stats.Count, stats.TextBytes, "ok") { Oldest = stats.Oldest, Newest = stats.Newest, Archived = stats.Archived, Links = stats.Links };
        if (request.Flag("include_details"))
        {
            IndexItem index = await ProbeAsync(scope, stats, cancellationToken).ConfigureAwait(false);
            result = result with { ByKind = stats.ByKind, ByTag = stats.ByTag, Index = index, Health = index.Recall < 0.9 ? "degraded" : "ok" };
        }

        return JsonSerializer.SerializeToElement(result, MemoryToolJson.Plain.StatsResult);
    }

    private async ValueTask<IndexItem> ProbeAsync(MemoryScope scope, MemoryStats stats, CancellationToken cancellationToken)
    {
        MemoryPage page = await memory.Store.ListAsync(scope, new MemoryListOptions { Limit = Probes }, cancellationToken).ConfigureAwait(false);
        int probed = 0, found = 0;
        foreach (MemoryRecord record in page.Records.Where(static r => r.Vector is not null))
        {
            MemoryQuery query = new() { Mode = MemorySearchMode.Semantic, Vector = record.Vector, VectorSpace = record.VectorSpace, Top = 1 };
            IReadOnlyList<MemoryMatch> nearest = await memory.Store.SearchAsync(scope, query, cancellationToken).ConfigureAwait(false);
            probed++;
            found += nearest is [{ } first] && (first.Record.Id == record.Id || first.VectorScore > 0.999) ? 1 : 0;
        }

        return new IndexItem(stats.BySpace.Count == 0 ? "words" : "vectors and words", stats.BySpace) { Probed = probed, Recall = probed == 0 ? null : (double)found / probed };
    }
}
