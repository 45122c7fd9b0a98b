using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Testing;
using Providers.Budgets;
using Providers.Timing;

namespace Providers.Tests.Budgets;

/// <summary>The accounts of all budgets and tenants: windows, warnings, reloads, and what a ledger brings back.</summary>
public sealed class BudgetBookTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _clock = new(Day.AddHours(5));

    [Fact]
    public void Account_WarnsOnceAWindow_FromTheWarningLevelOn()
    {
        BudgetPlan plan = new("b", new BudgetOptions { Tokens = 100, WarnAt = 0.5 });
        Account account = new(plan);
        account.Add(Day, Day, 49, 0).Should().BeFalse();
        account.Add(Day, Day, 1, 0).Should().BeTrue("half of it is used");
        account.Add(Day, Day, 30, 0).Should().BeFalse("it has been told");
        account.Add(Day, Day, 30, 0).Should().BeFalse();
        account.Read(Day).Should().Be((Day, 110L, 0m));
        DateTimeOffset next = Day.AddDays(1);
        account.Add(next, next, 60, 1).Should().BeTrue("a new window warns anew");
        account.Read(next).Should().Be((next, 60L, 1m));
    }

    [Fact]
    public void Account_AmountOfAnotherWindow_IsOfNoAccount()
    {
        Account account = new(new BudgetPlan("b", new BudgetOptions { Tokens = 100 }));
        account.Add(Day, Day.AddDays(-1), 1_000, 5).Should().BeFalse();
        account.Read(Day).Should().Be((Day, 0L, 0m));
    }

    [Theory]
    [InlineData(BudgetWindow.Hour, "2026-11-26T17:00:00Z", "2026-11-26T18:00:00Z")]
    [InlineData(BudgetWindow.Day, "2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z")]
    [InlineData(BudgetWindow.Month, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")]
    public void Window_BeginsAndEndsByTheCalendarInUtc(BudgetWindow window, string begin, string end)
    {
        BudgetPlan plan = new("b", new BudgetOptions { Tokens = 1, Window = window });
        DateTimeOffset now = new(2026, 11, 26, 17, 31, 12, TimeSpan.Zero);
        plan.WindowOf(now).Should().Be(DateTimeOffset.Parse(begin, System.Globalization.CultureInfo.InvariantCulture));
        plan.EndOf(plan.WindowOf(now)).Should().Be(DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Tenant_OfUpTo256Characters_IsKeptAndALongerOneShortened()
    {
        BudgetPlan plan = new("b", new BudgetOptions { Tokens = 1, PerTenant = true });
        string longest = new('x', 256);
        plan.TenantOf(longest).Should().BeSameAs(longest);
        plan.TenantOf(longest + "y").Should().StartWith(new string('x', 128) + "#").And.HaveLength(plan.TenantOf(longest + "y").Length).And.NotBe(plan.TenantOf(longest + "z"));
        plan.TenantOf(null).Should().BeEmpty();
        new BudgetPlan("b", new BudgetOptions { Tokens = 1 }).TenantOf("t").Should().BeEmpty("all share it");
    }

    [Fact]
    public void Used_IsTheTighterLimit()
    {
        BudgetPlan plan = new("b", new BudgetOptions { Tokens = 100, Cost = 10 });
        (plan.Used(50, 1), plan.Used(10, 9), plan.Used(0, 0)).Should().Be((0.5, 0.9, 0.0));
    }

    [Fact]
    public async Task Route_WithoutABudget_HasNone()
    {
        await using BudgetBook book = Book();
        Func<string, RouteBudgets?> of = book.Use(new Dictionary<string, BudgetOptions> { ["b"] = new() { Tokens = 1, Route = "R" } });
        of("other").Should().BeNull("it pays nothing for budgets");
        of("r").Should().NotBeNull();
    }

    [Fact]
    public async Task Reload_NewLimit_KeepsWhatWasSpent()
    {
        await using BudgetBook book = Book();
        book.Use(new Dictionary<string, BudgetOptions> { ["b"] = new() { Tokens = 1_000 }, ["c"] = new() { Tokens = 1_000 } })("r")!.Spend(null, 100, 1);
        book.Use(new Dictionary<string, BudgetOptions> { ["b"] = new() { Tokens = 50 } });
        book.Snapshot(10).Should().ContainSingle().Which.Should().Match<BudgetStatus>(static b => b.Budget == "b" && b.Tokens == 100 && b.Cost == 1 && b.Used == 2);
        book.Use(new Dictionary<string, BudgetOptions> { ["b"] = new() { Tokens = 50, Window = BudgetWindow.Hour } });
        book.Snapshot(10).Should().BeEmpty("another window begins anew");
    }

    [Fact]
    public async Task Snapshot_IsTheMostUsedFirst_ThenByName()
    {
        await using BudgetBook book = Book();
        RouteBudgets budgets = book.Use(new Dictionary<string, BudgetOptions> { ["c"] = new() { Tokens = 10 }, ["a"] = new() { Tokens = 100 }, ["b"] = new() { Tokens = 100, Cost = 4 } })("r")!;
        budgets.Spend("t", 5, 0);
        book.Snapshot(10).Select(static b => b.Budget).Should().Equal("c", "a", "b");
        book.Snapshot(2).Select(static b => b.Budget).Should().Equal("c", "a");
        book.Snapshot(10)[2].Should().Be(new BudgetStatus("b", "", Day, 5, 0) { WindowEnd = Day.AddDays(1), Used = 0.05, TokenLimit = 100, CostLimit = 4 });
    }

    [Fact]
    public async Task Tenants_WithoutNumberOrMeasure_CannotFillTheMemory()
    {
        await using BudgetBook book = Book(mostAccounts: 100);
        RouteBudgets budgets = book.Use(new Dictionary<string, BudgetOptions> { ["b"] = new() { Tokens = 1_000_000, PerTenant = true } })("r")!;
        for (int i = 0; i < 110; i++)
        {
            budgets.Spend($"t{i}", 1, 0);
        }

        book.Snapshot(int.MaxValue).Should().HaveCount(101).And.ContainSingle(static b => b.Tenant == "(others)" && b.Tokens == 10);
        budgets.Spend("t7", 1, 0);
        book.Snapshot(1).Should().ContainSingle().Which.Tenant.Should().Be("(others)");
        book.Snapshot(2)[1].Should().Match<BudgetStatus>(static b => b.Tenant == "t7" && b.Tokens == 2, "who has an account keeps it");
        _clock.Advance(TimeSpan.FromDays(1));
        budgets.Spend("tomorrow", 1, 0);
        book.Snapshot(int.MaxValue).Should().ContainSingle("what was yesterday's is forgotten").Which.Tenant.Should().Be("tomorrow");
        budgets.Spend(new string('x', 100_000) + "1", 5, 0);
        budgets.Spend(new string('x', 100_000) + "2", 6, 0);
        book.Snapshot(2).Select(static b => (b.Tokens, b.Tenant.Length < 256)).Should().Equal((6L, true), (5L, true));
    }

    [Fact]
    public async Task Loaded_AmountsOfABudgetThatIsNotThere_WaitForIt()
    {
        Shelf ledger = new()
        {
            Loaded = [new UsageEntry("gone", "", Day, 7, 1), new UsageEntry("b", "", Day, 5, 2), new UsageEntry("b", "", Day.AddDays(-1), 100, 100)],
        };
        await using BudgetBook book = Book(ledger);
        book.Use(new Dictionary<string, BudgetOptions> { ["b"] = new() { Tokens = 10 } });
        book.Snapshot(10).Should().ContainSingle().Which.Should().Match<BudgetStatus>(static b => b.Budget == "b" && b.Tokens == 5 && b.Cost == 2);
        book.Use(new Dictionary<string, BudgetOptions> { ["b"] = new() { Tokens = 10 }, ["gone"] = new() { Tokens = 10 } });
        book.Snapshot(10).Select(static b => (b.Budget, b.Tokens)).Should().Equal(("gone", 7L), ("b", 5L));
    }

    [Fact]
    public async Task Spent_GoesToTheLedgerByBudgetTenantAndWindow()
    {
        Shelf ledger = new();
        await using (BudgetBook book = Book(ledger))
        {
            RouteBudgets budgets = book.Use(new Dictionary<string, BudgetOptions> { ["b"] = new() { Tokens = 10, PerTenant = true }, ["c"] = new() { Tokens = 10 } })("r")!;
            budgets.Spend("t", 1, 2);
            budgets.Spend("t", 3, 4);
        }

        ledger.Appended.Should().ContainSingle().Which.Should().BeEquivalentTo([new UsageEntry("b", "t", Day, 4, 6), new UsageEntry("c", "", Day, 4, 6)]);
    }

    private BudgetBook Book(IUsageLedger? ledger = null, int mostAccounts = 50_000) =>
        new(ledger, new BudgetTelemetry(new Meter("x"), new FakeLogger()), new Clock(_clock), mostAccounts);

    /// <summary>A ledger in memory.</summary>
    private sealed class Shelf : IUsageLedger
    {
        public UsageEntry[] Loaded { get; init; } = [];

        public List<IReadOnlyList<UsageEntry>> Appended { get; } = [];

        public ValueTask<IReadOnlyList<UsageEntry>> LoadAsync(DateTimeOffset since, CancellationToken cancellationToken = default) => new(Loaded);

        public ValueTask AppendAsync(IReadOnlyList<UsageEntry> entries, CancellationToken cancellationToken = default)
        {
            Appended.Add(entries);
            return default;
        }
    }
}
