using Providers.Plans;

namespace Providers.Canary;

/// <summary>The ranges of a canary's knobs, and the rules between them and its route.</summary>
internal static class CanaryRules
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    public static void Check(string key, CanaryOptions canary, ConfigurationErrors errors)
    {
        for (int i = 0; i < canary.Steps.Count; i++)
        {
            errors.Range($"{key}:Steps:{i}", canary.Steps[i], 0.000_001, 100);
            if (i > 0 && canary.Steps[i] <= canary.Steps[i - 1])
            {
                errors.Add($"{key}:Steps:{i}", FormattableString.Invariant($"is {canary.Steps[i]}, not above the step before it ({canary.Steps[i - 1]}); steps must rise."));
            }
        }

        if (canary.Shadow && canary.Steps is [100])
        {
            errors.Add($"{key}:Steps", "hold only 100 and Shadow is on; name the share to mirror, for example 10.");
        }

        errors.Range($"{key}:StepDuration", canary.StepDuration, Second, TimeSpan.FromDays(7));
        errors.Range($"{key}:StepRequests", canary.StepRequests, 1, 1_000_000);
        errors.Range($"{key}:Interval", canary.Interval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        errors.Range($"{key}:MaxErrorIncrease", canary.MaxErrorIncrease, 0, 1);
        errors.Range($"{key}:ErrorRequests", canary.ErrorRequests, 10, 1_000_000);
        errors.Range($"{key}:MaxLatencyRatio", canary.MaxLatencyRatio, 1, 100);
        errors.Range($"{key}:LatencyRequests", canary.LatencyRequests, 20, 1_000_000);
        errors.Range($"{key}:Significance", canary.Significance, 0.000_001, 0.2);
        errors.Range($"{key}:HardStop", canary.HardStop, 0.05, 1);
        errors.Range($"{key}:ProgressDeadline", canary.ProgressDeadline, Second, Month);
        errors.Range($"{key}:Cooldown", canary.Cooldown, TimeSpan.Zero, Month);
        if (canary.ProgressDeadline < canary.StepDuration)
        {
            errors.Add($"{key}:ProgressDeadline", $"is {canary.ProgressDeadline:c}, shorter than StepDuration ({canary.StepDuration:c}); raise it or lower StepDuration.");
        }
    }

    /// <summary>A route has at most one canary, and something to compare it with.</summary>
    public static void Check(string route, RouteOptions options, ConfigurationErrors errors)
    {
        int canaries = options.Targets.Count(static t => t.Canary is not null);
        if (canaries > 1)
        {
            errors.Add($"Routes:{route}:Targets", $"hold {canaries} canaries; a route takes one at a time.");
        }
        else if (canaries == 1 && options.Targets.Count + options.Fallback.Count < 2)
        {
            errors.Add($"Routes:{route}:Targets", "hold a canary and nothing beside it; name the target it is to be compared with.");
        }
    }
}
