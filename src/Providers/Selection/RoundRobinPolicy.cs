using Providers.Plans;

namespace Providers.Selection;

/// <summary>Each in turn; a failed-over request goes on with the one after.</summary>
internal sealed class RoundRobinPolicy : ISelectionPolicy
{
    private uint _next = uint.MaxValue;

    public SelectionPolicy Kind => SelectionPolicy.RoundRobin;

    public int Pick(ReadOnlySpan<TargetPlan> targets, in TargetSet excluded) =>
        targets.IsEmpty ? -1 : From(Interlocked.Increment(ref _next), targets, excluded);

    public int Peek(ReadOnlySpan<TargetPlan> targets, in TargetSet excluded) =>
        targets.IsEmpty ? -1 : From(Volatile.Read(ref _next) + 1, targets, excluded);

    private static int From(uint start, ReadOnlySpan<TargetPlan> targets, in TargetSet excluded)
    {
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
