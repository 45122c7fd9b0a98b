namespace Providers;

/// <summary>How many tokens, or how much money, may be spent in a window of time. Prices are those of the models.</summary>
/// <remarks>Requests under way when a limit is reached are finished and counted, so the limit may be passed by what they use.</remarks>
public sealed class BudgetOptions
{
    /// <summary>Gets or sets the route whose requests count.</summary>
    /// <value><see langword="null"/> (the default): the requests of all routes.</value>
    public string? Route { get; set; }

    /// <summary>Gets or sets a value indicating whether each tenant has the budget for itself. Requests that name no tenant share one.</summary>
    /// <value>Default: <see langword="false"/>. The tenant is that of <see cref="RequestPreferences.Tenant"/>.</value>
    public bool PerTenant { get; set; }

    /// <summary>Gets or sets the window; it begins anew with each hour, day or month of UTC.</summary>
    /// <value>Default: <see cref="BudgetWindow.Day"/>.</value>
    public BudgetWindow Window { get; set; } = BudgetWindow.Day;

    /// <summary>Gets or sets the number of tokens, prompt and answer together.</summary>
    /// <value>1 to 1,000,000,000,000,000; <see langword="null"/> (the default): no limit.</value>
    public long? Tokens { get; set; }

    /// <summary>Gets or sets the amount of money, in the currency of the models' prices. Models without a price cost nothing.</summary>
    /// <value>Above 0; <see langword="null"/> (the default): no limit.</value>
    public decimal? Cost { get; set; }

    /// <summary>Gets or sets the share of a limit at which a warning is logged and counted, once a window.</summary>
    /// <value>0.01 to 1. Default: 0.8.</value>
    public double WarnAt { get; set; } = 0.8;

    /// <summary>Gets or sets a value indicating whether requests are refused once a limit is reached, with <see cref="FailureKind.BudgetExhausted"/>.</summary>
    /// <value>Default: <see langword="true"/>; when <see langword="false"/> it only warns.</value>
    public bool Stop { get; set; } = true;
}
