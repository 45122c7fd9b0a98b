namespace Providers.Budgets;

/// <summary>The budgets one route's requests draw on; a route without any has none of these, and pays nothing for it.</summary>
internal sealed class RouteBudgets(BudgetBook book, BudgetPlan[] plans)
{
    /// <exception cref="ProviderException">A budget is used up.</exception>
    public void Check(string? tenant) => book.Check(plans, tenant);

    public void Spend(string? tenant, long tokens, decimal cost) => book.Spend(plans, tenant, tokens, cost);
}
