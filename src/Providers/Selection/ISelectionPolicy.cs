using Providers.Plans;

namespace Providers.Selection;

/// <summary>Chooses the next target among those a request has not yet considered. Safe for concurrent use; allocates nothing.</summary>
internal interface ISelectionPolicy
{
    SelectionPolicy Kind { get; }

    /// <returns>The index of the target, or -1 when all are excluded.</returns>
    int Pick(ReadOnlySpan<TargetPlan> targets, in TargetSet excluded);

    /// <summary>Says what <see cref="Pick"/> would choose, and leaves no trace.</summary>
    int Peek(ReadOnlySpan<TargetPlan> targets, in TargetSet excluded) => Pick(targets, excluded);
}
