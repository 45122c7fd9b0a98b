using Providers.Plans;

namespace Providers.Selection;

/// <summary>Each in turn; a failed-over request goes on with the one after.</summary>
internal sealed class RoundRobinPolicy : ISelectionPolicy
{
    private uint _next = uint.MaxValue;

    public SelectionPolicy Kind => SelectionPolicy.RoundRobin;

    public int Pick(ReadOnlySpan<TargetPlan> targets, in TargetSet excluded)
    {
        if (targets.IsEmpty)
        {
            return -1;
        }

        uint start = Interlocked.Increment(ref _next);
        for (uint i = 0; i < targets.Length; i++)
        {
            int index = (int)((start + i) % (uint)targets.Length);
            if (!excluded.Contains(index))
            {
                return index;
            }
        }

        return -1;
    }
}
