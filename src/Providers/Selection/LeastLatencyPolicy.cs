using Providers.Plans;
using Providers.Timing;

namespace Providers.Selection;

/// <summary>
/// The better of two targets drawn at random (Mitzenmacher's power of two choices) by peak latency average times attempts under way.
/// A target without a sample is tried first, once.
/// </summary>
internal sealed class LeastLatencyPolicy(Dice dice) : ISelectionPolicy
{
    public SelectionPolicy Kind => SelectionPolicy.LeastLatency;

    public int Pick(ReadOnlySpan<TargetPlan> targets, in TargetSet excluded)
    {
        int left = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            left += excluded.Contains(i) ? 0 : 1;
        }

        if (left < 2)
        {
            return Nth(targets.Length, excluded, 0);
        }

        int first = dice.Next(left);
        int second = dice.Next(left - 1);
        second += second >= first ? 1 : 0;
        int a = Nth(targets.Length, excluded, Math.Min(first, second));
        int b = Nth(targets.Length, excluded, Math.Max(first, second));
        return Cost(targets[b]) < Cost(targets[a]) ? b : a;
    }

    private static double Cost(TargetPlan target) => target.State.Latency.Value * (target.State.InFlight + 1);

    private static int Nth(int count, in TargetSet excluded, int n)
    {
        for (int i = 0; i < count; i++)
        {
            if (!excluded.Contains(i) && n-- == 0)
            {
                return i;
            }
        }

        return -1;
    }
}
