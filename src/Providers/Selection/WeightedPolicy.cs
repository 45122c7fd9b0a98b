using Providers.Plans;
using Providers.Timing;

namespace Providers.Selection;

/// <summary>At random by weight; targets of weight 0 only when no other is left, in order.</summary>
internal sealed class WeightedPolicy(Dice dice) : ISelectionPolicy
{
    public SelectionPolicy Kind => SelectionPolicy.Weighted;

    public int Pick(ReadOnlySpan<TargetPlan> targets, in TargetSet excluded)
    {
        double total = 0;
        int last = -1;
        for (int i = 0; i < targets.Length; i++)
        {
            if (!excluded.Contains(i))
            {
                total += targets[i].Weight;
                last = last < 0 ? i : last;
            }
        }

        double point = dice.NextDouble() * total;
        for (int i = 0; i < targets.Length && total > 0; i++)
        {
            if (excluded.Contains(i) || targets[i].Weight == 0)
            {
                continue;
            }

            last = i;
            point -= targets[i].Weight;
            if (point < 0)
            {
                break;
            }
        }

        return last;
    }
}
