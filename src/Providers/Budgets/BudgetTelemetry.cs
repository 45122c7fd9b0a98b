using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Providers.Budgets;

/// <summary>What budgets tell of themselves. Tenants are in no label and no log.</summary>
internal sealed class BudgetTelemetry
{
    private readonly Counter<long> _refused;
    private readonly Counter<long> _warnings;
    private readonly Counter<long> _failures;

    public BudgetTelemetry(Meter meter, ILogger log)
    {
        Log = log;
        _refused = meter.CreateCounter<long>("llm.budget.rejected", "{request}", "Requests refused because a budget was used up.");
        _warnings = meter.CreateCounter<long>("llm.budget.warnings", "{warning}", "Budgets that came near their limit, once a window.");
        _failures = meter.CreateCounter<long>("llm.budget.ledger.failures", "{write}", "Writes and reads of the usage ledger that failed.");
    }

    public ILogger Log { get; }

    public void Refused(string budget) => _refused.Add(1, new KeyValuePair<string, object?>("budget", budget));

    public void Warned(BudgetPlan plan)
    {
        _warnings.Add(1, new KeyValuePair<string, object?>("budget", plan.Name));
        Log.BudgetNearlyUsed(plan.Name, plan.Options.WarnAt * 100, plan.Options.Window);
    }

    public void LedgerFailed(Exception error)
    {
        _failures.Add(1);
        Log.LedgerFailed(error);
    }
}
