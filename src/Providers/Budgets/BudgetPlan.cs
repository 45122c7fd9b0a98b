using System.Globalization;
using Providers.Canary;

namespace Providers.Budgets;

/// <summary>One budget as requests use it. Immutable.</summary>
internal sealed record BudgetPlan(string Name, BudgetOptions Options)
{
    private const int LongestTenant = 256;

    public DateTimeOffset WindowOf(DateTimeOffset now) => Options.Window switch
    {
        BudgetWindow.Hour => new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, TimeSpan.Zero),
        BudgetWindow.Month => new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero),
        _ => new DateTimeOffset(now.Year, now.Month, now.Day, 0, 0, 0, TimeSpan.Zero),
    };

    public DateTimeOffset EndOf(DateTimeOffset window) => Options.Window switch
    {
        BudgetWindow.Hour => window.AddHours(1),
        BudgetWindow.Month => window.AddMonths(1),
        _ => window.AddDays(1),
    };

    /// <summary>The key of a tenant's account: the tenant, shortened where somebody sends a whole letter.</summary>
    public string TenantOf(string? tenant) =>
        !Options.PerTenant || tenant is null ? ""
        : tenant.Length <= LongestTenant ? tenant
        : string.Create(CultureInfo.InvariantCulture, $"{tenant.AsSpan(0, LongestTenant / 2)}#{StickyHash.Position(Name, tenant):R}");

    /// <summary>How much of the tighter limit is used; 1 and above: nothing is left.</summary>
    public double Used(long tokens, decimal cost) => Math.Max(
        Options.Tokens is { } most ? (double)tokens / most : 0,
        Options.Cost is { } money ? (double)(cost / money) : 0);
}
