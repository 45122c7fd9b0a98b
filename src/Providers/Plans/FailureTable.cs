using Providers.Timing;

namespace Providers.Plans;

/// <summary>What each kind of failure leads to: the default table with the host's changes laid over it.</summary>
internal sealed class FailureTable
{
    private readonly Entry[] _entries;

    public FailureTable(IDictionary<FailureKind, FailureRule> changes, Clock clock)
    {
        FailureKind[] kinds = Enum.GetValues<FailureKind>();
        _entries = new Entry[kinds.Length];
        foreach (FailureKind kind in kinds)
        {
            FailureRule rule = FailureRule.Default(kind);
            changes.TryGetValue(kind, out FailureRule? change);
            _entries[(int)kind] = new Entry(
                change?.FailOver ?? rule.FailOver!.Value,
                change?.Retry ?? rule.Retry!.Value,
                change?.Trips ?? rule.Trips!.Value,
                clock.Units(change?.Pause ?? rule.Pause!.Value));
        }
    }

    public Entry this[FailureKind kind] => _entries[(int)kind];

    internal readonly record struct Entry(bool FailOver, bool Retry, bool Trips, long Pause);
}
