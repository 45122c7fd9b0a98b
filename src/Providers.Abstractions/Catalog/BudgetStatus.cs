namespace Providers;

/// <summary>One account of one budget at one moment. Immutable.</summary>
/// <param name="Budget">The budget's name.</param>
/// <param name="Tenant">The tenant; empty where the budget is everybody's.</param>
/// <param name="Window">When the window began.</param>
/// <param name="Tokens">The tokens spent in it.</param>
/// <param name="Cost">The money spent in it, in the currency of the models' prices.</param>
public sealed record BudgetStatus(string Budget, string Tenant, DateTimeOffset Window, long Tokens, decimal Cost)
{
    /// <summary>Gets the route whose requests count.</summary>
    /// <value><see langword="null"/>: all.</value>
    public string? Route { get; init; }

    /// <summary>Gets when the window ends.</summary>
    public DateTimeOffset WindowEnd { get; init; }

    /// <summary>Gets how much of the tighter limit is used.</summary>
    /// <value>0 and above; at 1 nothing is left.</value>
    public double Used { get; init; }

    /// <summary>Gets the limit of tokens.</summary>
    /// <value><see langword="null"/>: none.</value>
    public long? TokenLimit { get; init; }

    /// <summary>Gets the limit of money.</summary>
    /// <value><see langword="null"/>: none.</value>
    public decimal? CostLimit { get; init; }
}
