using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Providers.Memory;

/// <summary>One round of what a memory needs done: purges what has expired, archives what is old, deletes what was archived long ago, embeds again what another model embedded, consolidates.</summary>
/// <remarks>
/// Tenants of the suite itself (<see cref="MemoryScope.ReservedTenantPrefix"/>) are passed by: what is kept there expires when it says so, and is else its owner's affair.
/// Safe to run on several hosts at once: every step is conditional on what is there, and one that comes second finds nothing to do.
/// </remarks>
public sealed class MemoryUpkeep
{
    private readonly IMemoryService _memory;
    private readonly MemoryUpkeepOptions _options;
    private readonly MemoryConsolidator? _consolidator;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    /// <summary>Creates the upkeep of a memory.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="options">What to do.</param>
    /// <param name="consolidator">Who consolidates; <see langword="null"/>: nobody.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    /// <param name="logger">Where failures of single scopes go; <see langword="null"/>: nowhere.</param>
    public MemoryUpkeep(IMemoryService memory, MemoryUpkeepOptions options, MemoryConsolidator? consolidator = null, TimeProvider? clock = null, ILogger<MemoryUpkeep>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(options);
        (_memory, _options, _consolidator, _clock, _log) = (memory, options, consolidator, clock ?? TimeProvider.System, logger ?? NullLogger<MemoryUpkeep>.Instance);
    }

    /// <summary>Does one round. A scope that fails is logged and left for the next round.</summary>
    /// <param name="cancellationToken">Ends the round; what was done stays done.</param>
    /// <returns>What was done.</returns>
    public async Task<MemoryUpkeepReport> RunAsync(CancellationToken cancellationToken = default)
    {
        MemoryUpkeepReport report = new() { Expired = await _memory.Store.PurgeExpiredAsync(cancellationToken).ConfigureAwait(false) };
        List<MemoryScope> scopes = [], own = [];
        await foreach (MemoryScope scope in _memory.Store.ListScopesAsync(null, "", cancellationToken).ConfigureAwait(false))
        {
            (scope.IsReserved ? own : scopes).Add(scope); // read to the end first: a store may hold a snapshot open meanwhile
        }

        (long waiting, long items) = (0, 0);
        foreach (MemoryScope scope in scopes)
        {
            try
            {
                (long count, long without) = await CountAsync(scope, cancellationToken).ConfigureAwait(false);
                (items, waiting) = (items + count, waiting + without);
                report = await CareAsync(scope, report, cancellationToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // one scope's trouble must not keep the others from their care
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                _log.ScopeFailed(e.GetType().Name, e);
                report = report with { Failed = report.Failed + 1 };
            }
        }

        MemoryMetrics.LeftToEmbed(Math.Max(0, waiting - report.Reembedded));
        MemoryMetrics.Counted(items, await CountAsync(own, cancellationToken).ConfigureAwait(false));
        return report;
    }

    /// <summary>How many memories a scope has, and how many of them no vector of the present model; 0 while nobody listens.</summary>
    private async ValueTask<(long Count, long Without)> CountAsync(MemoryScope scope, CancellationToken cancellationToken)
    {
        if (!MemoryMetrics.Items.Enabled)
        {
            return default;
        }

        MemoryStats stats = await _memory.Store.GetStatsAsync(scope, cancellationToken).ConfigureAwait(false);
        long all = stats.Count + stats.Archived;
        return _options.Reembed && _memory is MemoryService service
            ? (all, stats.Count - stats.BySpace.GetValueOrDefault(await service.SpaceAsync(cancellationToken).ConfigureAwait(false)))
            : (all, 0);
    }

    /// <summary>How many memories the suite's own scopes have. One that cannot be asked counts as empty.</summary>
    private async Task<long> CountAsync(List<MemoryScope> scopes, CancellationToken cancellationToken)
    {
        long all = 0;
        foreach (MemoryScope scope in scopes)
        {
            try
            {
                all += (await CountAsync(scope, cancellationToken).ConfigureAwait(false)).Count;
            }
#pragma warning disable CA1031 // a gauge is not worth a round
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                _log.ScopeFailed(e.GetType().Name, e);
            }
        }

        return all;
    }

    private async Task<MemoryUpkeepReport> CareAsync(MemoryScope scope, MemoryUpkeepReport report, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        if (_options.ArchiveAfter is { } idle)
        {
            report = report with { Archived = report.Archived + await ArchiveAsync(scope, now - idle, cancellationToken).ConfigureAwait(false) };
        }

        if (_options.PurgeArchivedAfter is { } kept)
        {
            MemoryFilter old = new() { State = MemoryState.Archived, ArchivedBefore = now - kept };
            report = report with { Purged = report.Purged + await _memory.Store.DeleteAsync(scope, old, cancellationToken).ConfigureAwait(false) };
        }

        if (_options.Reembed)
        {
            report = report with { Reembedded = report.Reembedded + await _memory.ReembedAsync(scope, null, cancellationToken).ConfigureAwait(false) };
        }

        if (_consolidator is not null && !scope.IsSession)
        {
            report = report with { Consolidated = report.Consolidated + await _consolidator.RunAsync(scope, cancellationToken).ConfigureAwait(false) };
        }

        return report;
    }

    private async Task<long> ArchiveAsync(MemoryScope scope, DateTimeOffset unchangedSince, CancellationToken cancellationToken)
    {
        MemoryListOptions options = new() { Limit = 100, Filter = new MemoryFilter { UpdatedBefore = unchangedSince } };
        long archived = 0;
        while (true)
        {
            MemoryPage page = await _memory.Store.ListAsync(scope, options, cancellationToken).ConfigureAwait(false);
            foreach (MemoryRecord record in page.Records.Where(r => r.Importance < _options.ArchiveBelowImportance))
            {
                try
                {
                    await _memory.Store.ExecuteAsync(new MemoryTransaction(scope, [new MemoryPatch(record.Id) { Archived = true, ExpectedVersion = record.Version }]), cancellationToken).ConfigureAwait(false);
                    archived++;
                }
                catch (MemoryConflictException)
                {
                    // Changed at this moment, so it is not idle.
                }
            }

            if (page.NextCursor is null)
            {
                return archived;
            }

            options = options with { Cursor = page.NextCursor };
        }
    }
}

/// <summary>What one round of upkeep did.</summary>
public sealed record MemoryUpkeepReport
{
    /// <summary>Gets how many expired memories were removed.</summary>
    public long Expired { get; init; }

    /// <summary>Gets how many memories were archived.</summary>
    public long Archived { get; init; }

    /// <summary>Gets how many archived memories were deleted.</summary>
    public long Purged { get; init; }

    /// <summary>Gets how many memories were embedded again.</summary>
    public long Reembedded { get; init; }

    /// <summary>Gets how many summaries were written.</summary>
    public long Consolidated { get; init; }

    /// <summary>Gets how many scopes failed and are left for the next round.</summary>
    public int Failed { get; init; }
}
