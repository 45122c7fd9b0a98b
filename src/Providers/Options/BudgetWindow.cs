namespace Providers;

/// <summary>The stretch of UTC a budget is for.</summary>
public enum BudgetWindow
{
    /// <summary>An hour.</summary>
    Hour = 0,

    /// <summary>A day.</summary>
    Day,

    /// <summary>A calendar month.</summary>
    Month,
}
