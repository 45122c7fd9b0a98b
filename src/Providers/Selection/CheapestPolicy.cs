using Providers.Plans;

namespace Providers.Selection;

/// <summary>The lowest declared price; unknown prices last, ties in order.</summary>
internal sealed class CheapestPolicy : ISelectionPolicy
{
    public SelectionPolicy Kind => SelectionPolicy.Cheapest;

    public int Pick(ReadOnlySpan<TargetPlan> targets, in TargetSet excluded)
    {
        int best = -1;
        for (int i = 0; i < targets.Length; i++)
        {
            if (!excluded.Contains(i) && (best < 0 || targets[i].Price < targets[best].Price))
            {
                best = i;
            }
        }

        return best;
    }
}
