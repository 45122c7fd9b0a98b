namespace Providers.Memory;

/// <summary>Counts what each source of each tenant writes, in two halves of a sliding window. Safe for concurrent use; keeps at most 10,000 sources.</summary>
internal sealed class SourceQuota(MemoryOptions options, TimeProvider clock)
{
    private const int MostSources = 10_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string Source), (long Slot, int Before, int Now)> _written = [];

    /// <exception cref="MemoryQuotaException">A source has written too much.</exception>
    public void Enter(MemoryTransaction transaction)
    {
        if (options.SourceQuota == 0 || transaction.Operations is null)
        {
            return;
        }

        var sources = transaction.Operations.OfType<MemoryUpsert>().Where(static u => u.Record is not null).GroupBy(static u => u.Record.Provenance?.Source ?? "").Select(static g => (g.Key, Count: g.Count())).ToArray();
        long width = options.SourceWindow.Ticks, time = clock.GetUtcNow().UtcTicks, slot = time / width;
        double passed = (double)(time % width) / width;
        lock (_gate)
        {
            foreach ((string source, int count) in sources)
            {
                (_, int before, int now) = Current(transaction.Scope.Tenant, source, slot);
                if ((before * (1 - passed)) + now + count > options.SourceQuota)
                {
                    throw new MemoryQuotaException(source, options.SourceQuota, options.SourceWindow, TimeSpan.FromTicks(width - (time % width)));
                }
            }

            foreach ((string source, int count) in sources)
            {
                (_, int before, int now) = Current(transaction.Scope.Tenant, source, slot);
                _written[(transaction.Scope.Tenant, source)] = (slot, before, now + count);
            }

            if (_written.Count > MostSources)
            {
                Trim(slot);
            }
        }
    }

    private (long Slot, int Before, int Now) Current(string tenant, string source, long slot) =>
        !_written.TryGetValue((tenant, source), out var known) || known.Slot < slot - 1 ? (slot, 0, 0)
        : known.Slot == slot ? known
        : (slot, known.Now, 0);

    private void Trim(long slot)
    {
        foreach (var key in _written.Where(w => w.Value.Slot < slot).Select(static w => w.Key).ToArray())
        {
            _written.Remove(key);
        }

        foreach (var key in _written.OrderBy(static w => w.Value.Now).Take(Math.Max(0, _written.Count - MostSources)).Select(static w => w.Key).ToArray())
        {
            _written.Remove(key); // those who wrote least: a flood of names cannot hide a flood of memories of one name
        }
    }
}
