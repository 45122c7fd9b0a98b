using Providers.Plans;

namespace Providers.Selection;

/// <summary>The fewest attempts under way; ties in order.</summary>
internal sealed class LeastPendingPolicy : ISelectionPolicy
{
    public SelectionPolicy Kind => SelectionPolicy.LeastPending;

    public int Pick(ReadOnlySpan<TargetPlan> targets, in TargetSet excluded)
    {
        int best = -1, fewest = int.MaxValue;
        for (int i = 0; i < targets.Length; i++)
        {
            if (!excluded.Contains(i) && targets[i].State.InFlight < fewest)
            {
                best = i;
                fewest = targets[i].State.InFlight;
            }
        }

        return best;
    }
}
