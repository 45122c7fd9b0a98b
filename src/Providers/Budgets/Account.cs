namespace Providers.Budgets;

/// <summary>What one tenant has spent of one budget in the window under way. Safe for concurrent use.</summary>
internal sealed class Account(BudgetPlan plan)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _window;
    private long _tokens;
    private decimal _cost;
    private bool _warned;

    /// <param name="now">The moment, in UTC.</param>
    /// <returns>The window and what was spent in it.</returns>
    public (DateTimeOffset Window, long Tokens, decimal Cost) Read(DateTimeOffset now)
    {
        lock (_gate)
        {
            Turn(now);
            return (_window, _tokens, _cost);
        }
    }

    /// <summary>Adds an amount to the window it belongs to; one of another window is of no account.</summary>
    /// <returns>Whether the warning is due.</returns>
    public bool Add(DateTimeOffset now, DateTimeOffset window, long tokens, decimal cost)
    {
        lock (_gate)
        {
            Turn(now);
            if (window != _window)
            {
                return false;
            }

            _tokens += tokens;
            _cost += cost;
            if (_warned || plan.Used(_tokens, _cost) < plan.Options.WarnAt)
            {
                return false;
            }

            _warned = true;
            return true;
        }
    }

    private void Turn(DateTimeOffset now)
    {
        DateTimeOffset window = plan.WindowOf(now);
        if (window != _window)
        {
            _window = window;
            _tokens = 0;
            _cost = 0;
            _warned = false;
        }
    }
}
