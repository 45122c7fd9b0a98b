using Providers.Plans;

namespace Providers.Selection;

/// <summary>The first in order.</summary>
internal sealed class PriorityPolicy : ISelectionPolicy
{
    public SelectionPolicy Kind => SelectionPolicy.Priority;

    public int Pick(ReadOnlySpan<TargetPlan> targets, in TargetSet excluded)
    {
        for (int i = 0; i < targets.Length; i++)
        {
            if (!excluded.Contains(i))
            {
                return i;
            }
        }

        return -1;
    }
}
