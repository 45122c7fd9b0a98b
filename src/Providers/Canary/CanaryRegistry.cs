using Providers.Plans;
using Providers.Timing;

namespace Providers.Canary;

/// <summary>The rollouts of a composite. One whose options did not change goes on over a reload; one that was just rolled back may not begin anew by a change of options before it has cooled down.</summary>
internal sealed class CanaryRegistry(CanaryTelemetry telemetry, Clock clock, Dice dice) : IDisposable
{
    private Dictionary<string, CanaryState> _states = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gives the routes of a plan that is about to be published their rollouts.</summary>
    public void Attach(IReadOnlyList<RoutePlan> routes)
    {
        Dictionary<string, CanaryState> next = new(StringComparer.OrdinalIgnoreCase);
        foreach (RoutePlan route in routes)
        {
            if (route.CanaryIndex < 0)
            {
                continue;
            }

            TargetPlan target = route.Targets[route.CanaryIndex];
            string key = $"{route.Name}\n{target.Provider.Name}\n{target.ModelId}";
            _states.TryGetValue(key, out CanaryState? state);
            if (state?.Plan.Digest == target.Canary!.Digest)
            {
                state.Target = target;
            }
            else
            {
                state = new CanaryState(route.Name, target, telemetry, clock, dice, state?.CoolUntil ?? long.MinValue);
            }

            next.Add(key, state);
            route.Canary = state;
        }

        foreach (CanaryState gone in _states.Values.Except(next.Values))
        {
            gone.Dispose();
        }

        _states = next;
    }

    public void Dispose()
    {
        foreach (CanaryState state in _states.Values)
        {
            state.Dispose();
        }
    }
}
