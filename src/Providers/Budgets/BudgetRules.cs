using Providers.Plans;

namespace Providers.Budgets;

/// <summary>The ranges of a budget's knobs.</summary>
internal static class BudgetRules
{
    public static void Check(string name, BudgetOptions budget, CompositeOptions options, ConfigurationErrors errors)
    {
        string key = $"Budgets:{name}";
        if (budget.Tokens is null && budget.Cost is null)
        {
            errors.Add(key, "limits nothing; set Tokens, Cost or both.");
        }

        errors.Defined<BudgetWindow>($"{key}:Window", budget.Window);
        errors.Range($"{key}:Tokens", budget.Tokens, 1, 1e15);
        errors.Range($"{key}:WarnAt", budget.WarnAt, 0.01, 1);
        if (budget.Cost is <= 0)
        {
            errors.Add($"{key}:Cost", FormattableString.Invariant($"is {budget.Cost}; it must be above 0."));
        }

        if (budget.Route is { } route && !options.Routes.ContainsKey(route))
        {
            errors.Add($"{key}:Route", $"is '{route}', which is no route. Routes are: {string.Join(", ", options.Routes.Keys)}.");
        }
    }
}
