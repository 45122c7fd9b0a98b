using Providers.Timing;

namespace Providers.Budgets;

/// <summary>
/// Carries amounts to the ledger five times a second, added up: no request waits for a disk. What a ledger refuses is offered again, and one
/// that cannot be read is asked again until it can.
/// </summary>
internal sealed class UsageWriter : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5); // a full disk is not asked, and not logged, five times a second
    private static readonly TimeSpan Longest = TimeSpan.FromDays(32); // the longest window, a month, and a day
    private readonly IUsageLedger _ledger;
    private readonly BudgetTelemetry _telemetry;
    private readonly Clock _clock;
    private readonly Action<UsageEntry> _restore;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private Dictionary<(string Budget, string Tenant, DateTimeOffset Window), (long Tokens, decimal Cost)> _pending = [];

    public UsageWriter(IUsageLedger ledger, BudgetTelemetry telemetry, Clock clock, Action<UsageEntry> restore)
    {
        _ledger = ledger;
        _telemetry = telemetry;
        _clock = clock;
        _restore = restore;
        using (ExecutionContext.SuppressFlow())
        {
            _loop = RunAsync();
        }
    }

    public void Add(UsageEntry entry)
    {
        lock (_gate)
        {
            var key = (entry.Budget, entry.Tenant, entry.Window);
            _pending.TryGetValue(key, out (long Tokens, decimal Cost) sum);
            _pending[key] = (sum.Tokens + entry.Tokens, sum.Cost + entry.Cost);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await FlushAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        bool loaded = false;
        while (!_stop.IsCancellationRequested)
        {
            // Nothing is carried before the earlier amounts are read: they would come back with them, and be counted twice.
            bool done = loaded ? await FlushAsync().ConfigureAwait(false) : loaded = await LoadAsync().ConfigureAwait(false);
            await Task.Delay(done ? Pause : AfterFailure, _clock.Provider, _stop.Token).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> LoadAsync()
    {
        try
        {
            foreach (UsageEntry entry in await _ledger.LoadAsync(_clock.Provider.GetUtcNow() - Longest, _stop.Token).ConfigureAwait(false))
            {
                _restore(entry);
            }

            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException || !_stop.IsCancellationRequested)
        {
            _telemetry.LedgerFailed(e);
            return false;
        }
    }

    private async ValueTask<bool> FlushAsync()
    {
        UsageEntry[] entries;
        lock (_gate)
        {
            if (_pending.Count == 0)
            {
                return true;
            }

            entries = [.. _pending.Select(static p => new UsageEntry(p.Key.Budget, p.Key.Tenant, p.Key.Window, p.Value.Tokens, p.Value.Cost))];
            _pending = [];
        }

        try
        {
            await _ledger.AppendAsync(entries, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception e)
        {
            _telemetry.LedgerFailed(e);
            foreach (UsageEntry entry in entries)
            {
                Add(entry);
            }

            return false;
        }
    }
}
