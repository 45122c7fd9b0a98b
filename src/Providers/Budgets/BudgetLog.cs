using Microsoft.Extensions.Logging;

namespace Providers.Budgets;

/// <summary>What budgets log; event ids 220 to 239.</summary>
internal static partial class BudgetLog
{
    [LoggerMessage(EventId = 220, Level = LogLevel.Warning, Message = "{Percent:F0} % of the budget '{Budget}' are spent in this {Window}.")]
    public static partial void BudgetNearlyUsed(this ILogger logger, string budget, double percent, BudgetWindow window);

    [LoggerMessage(EventId = 221, Level = LogLevel.Error, Message = "The usage ledger could not be read or written; what was spent since is kept in memory and offered again.")]
    public static partial void LedgerFailed(this ILogger logger, Exception error);

    [LoggerMessage(EventId = 222, Level = LogLevel.Warning, Message = "The usage ledger '{Path}' ended in {Bytes} bytes that are no whole record, as after a crash; they were cut off.")]
    public static partial void LedgerCut(this ILogger logger, string path, long bytes);
}
