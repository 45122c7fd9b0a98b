using System.Collections.Concurrent;
using Providers.Timing;

namespace Providers.Budgets;

/// <summary>All accounts of a composite. Lives over reloads: a change of other options forgets nothing. Safe for concurrent use.</summary>
internal sealed class BudgetBook : IAsyncDisposable
{
    private const string Others = "(others)";
    private readonly Clock _clock;
    private readonly BudgetTelemetry _telemetry;
    private readonly int _mostAccounts;
    private readonly UsageWriter? _writer;
    private readonly ConcurrentDictionary<(string Budget, string Tenant), (BudgetPlan Plan, Account Account)> _accounts = new();
    private readonly ConcurrentQueue<UsageEntry> _loaded = new();
    private IReadOnlyList<BudgetPlan> _plans = [];

    /// <param name="ledger">Where amounts are kept over a restart; <see langword="null"/> for nowhere.</param>
    /// <param name="telemetry">What is told.</param>
    /// <param name="clock">Time.</param>
    /// <param name="mostAccounts">So many tenants have an account of their own in one window; more than that share one.</param>
    public BudgetBook(IUsageLedger? ledger, BudgetTelemetry telemetry, Clock clock, int mostAccounts = 50_000)
    {
        _mostAccounts = mostAccounts;
        _clock = clock;
        _telemetry = telemetry;
        _writer = ledger is null ? null : new UsageWriter(ledger, telemetry, clock, Restore);
    }

    private DateTimeOffset Now => _clock.Provider.GetUtcNow();

    /// <summary>Takes the budgets of a plan that is about to be published.</summary>
    /// <returns>Those of one route.</returns>
    public Func<string, RouteBudgets?> Use(IDictionary<string, BudgetOptions> budgets)
    {
        BudgetPlan[] plans = [.. budgets.Select(static b => new BudgetPlan(b.Key, b.Value))];
        _plans = plans;
        foreach (var (key, (old, account)) in _accounts.ToArray())
        {
            // New limits, same window: what was spent counts on.
            BudgetPlan? plan = Array.Find(plans, p => p.Name == key.Budget);
            _accounts.TryRemove(key, out _);
            if (plan is not null && plan.Options.Window == old.Options.Window)
            {
                (DateTimeOffset window, long tokens, decimal cost) = account.Read(Now);
                AccountOf(plan, key.Tenant).Add(Now, window, tokens, cost);
            }
        }

        for (int waiting = _loaded.Count; waiting > 0 && _loaded.TryDequeue(out UsageEntry? entry); waiting--)
        {
            Restore(entry);
        }

        return route =>
        {
            BudgetPlan[] own = [.. plans.Where(p => p.Options.Route is null || p.Options.Route.Equals(route, StringComparison.OrdinalIgnoreCase))];
            return own.Length == 0 ? null : new RouteBudgets(this, own);
        };
    }

    /// <exception cref="ProviderException">A budget is used up.</exception>
    public void Check(BudgetPlan[] plans, string? tenant)
    {
        DateTimeOffset now = Now;
        foreach (BudgetPlan plan in plans)
        {
            (DateTimeOffset window, long tokens, decimal cost) = AccountOf(plan, plan.TenantOf(tenant)).Read(now);
            if (!plan.Options.Stop || plan.Used(tokens, cost) < 1)
            {
                continue;
            }

            _telemetry.Refused(plan.Name);
            DateTimeOffset end = plan.EndOf(window);
            throw new ProviderException(new ProviderFailure(
                FailureKind.BudgetExhausted,
                FormattableString.Invariant($"The budget '{plan.Name}' is used up: {tokens} tokens and {cost:0.####} spent of {Limits(plan)} for this {plan.Options.Window.ToString().ToLowerInvariant()}, which ends at {end:u}. Raise the limit in Budgets:{plan.Name}, or wait."))
            {
                RetryAfter = end - now,
            });
        }
    }

    public void Spend(BudgetPlan[] plans, string? tenant, long tokens, decimal cost)
    {
        DateTimeOffset now = Now;
        foreach (BudgetPlan plan in plans)
        {
            string whose = plan.TenantOf(tenant);
            DateTimeOffset window = plan.WindowOf(now);
            if (AccountOf(plan, whose).Add(now, window, tokens, cost))
            {
                _telemetry.Warned(plan);
            }

            _writer?.Add(new UsageEntry(plan.Name, whose, window, tokens, cost));
        }
    }

    /// <summary>The accounts, the most used first, at most so many.</summary>
    public IReadOnlyList<BudgetStatus> Snapshot(int most)
    {
        DateTimeOffset now = Now;
        return
        [
            .. _accounts.Select(a => (a.Key, a.Value.Plan, Read: a.Value.Account.Read(now)))
                .Select(static a => new BudgetStatus(a.Key.Budget, a.Key.Tenant, a.Read.Window, a.Read.Tokens, a.Read.Cost)
                {
                    Route = a.Plan.Options.Route,
                    WindowEnd = a.Plan.EndOf(a.Read.Window),
                    Used = a.Plan.Used(a.Read.Tokens, a.Read.Cost),
                    TokenLimit = a.Plan.Options.Tokens,
                    CostLimit = a.Plan.Options.Cost,
                })
                .OrderByDescending(static s => s.Used).ThenBy(static s => s.Budget, StringComparer.Ordinal).Take(most),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null)
        {
            await _writer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Account AccountOf(BudgetPlan plan, string tenant)
    {
        if (_accounts.TryGetValue((plan.Name, tenant), out var found))
        {
            return found.Account;
        }

        if (_accounts.Count >= _mostAccounts)
        {
            Forget();
            tenant = _accounts.Count >= _mostAccounts ? Others : tenant;
        }

        return _accounts.GetOrAdd((plan.Name, tenant), static (_, p) => (p, new Account(p)), plan).Account;
    }

    // Accounts of which nothing is used in the window under way say nothing.
    private void Forget()
    {
        DateTimeOffset now = Now;
        foreach (var (key, (_, account)) in _accounts)
        {
            if (account.Read(now) is { Tokens: 0, Cost: 0 })
            {
                _accounts.TryRemove(key, out _);
            }
        }
    }

    private void Restore(UsageEntry entry)
    {
        if (_plans.FirstOrDefault(p => p.Name == entry.Budget) is { } plan)
        {
            AccountOf(plan, entry.Tenant).Add(Now, entry.Window, entry.Tokens, entry.Cost);
        }
        else
        {
            _loaded.Enqueue(entry);
        }
    }

    private static string Limits(BudgetPlan plan) => FormattableString.Invariant(
        $"{(plan.Options.Tokens is { } tokens ? $"{tokens} tokens" : "")}{(plan.Options is { Tokens: not null, Cost: not null } ? " and " : "")}{(plan.Options.Cost is { } cost ? $"{cost:0.####}" : "")}");
}
