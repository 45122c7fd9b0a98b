namespace Providers.Canary;

/// <summary>Why a canary's share changed: labels of a metric, so few and fixed.</summary>
internal static class CanaryReasons
{
    public const string Manual = "manual";
    public const string StepPassed = "step_passed";
    public const string ErrorRatio = "error_ratio";
    public const string Latency = "latency";
    public const string HardStop = "hard_stop";
    public const string BreakerOpen = "breaker_open";
    public const string NoData = "no_data";
    public const string DataAgain = "data_again";
    public const string BothFail = "both_arms_fail";
    public const string StableAgain = "stable_again";
    public const string ProgressDeadline = "progress_deadline";
    public const string CooldownOver = "cooldown_over";
}
