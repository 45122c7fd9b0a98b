using Microsoft.Extensions.AI;
using Providers.Plans;
using Providers.Routing;

namespace Providers.Budgets;

/// <summary>What one served request used and cost, by what the answer reports, or by estimate of the prompt where it reports nothing.</summary>
internal readonly record struct Spending(long Input, long Output, decimal? Cost)
{
    public long Total => Input + Output;

    public static Spending Of(Call call, TargetPlan target, UsageDetails? usage)
    {
        long output = usage?.OutputTokenCount ?? 0;
        long input = usage is null ? call.Tokens : usage.InputTokenCount ?? Math.Max(0, (usage.TotalTokenCount ?? 0) - output);
        decimal? cost = target.Model is { } model && (model.InputPrice is not null || model.OutputPrice is not null)
            ? ((input * (model.InputPrice ?? 0)) + (output * (model.OutputPrice ?? 0))) / 1_000_000
            : null;
        return new Spending(input, output, cost);
    }
}
