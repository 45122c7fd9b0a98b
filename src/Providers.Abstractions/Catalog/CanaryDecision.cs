namespace Providers;

/// <summary>One decision about a canary, with the evidence it was taken on. Immutable.</summary>
/// <param name="At">When it was taken.</param>
/// <param name="Action">What was done.</param>
/// <param name="Reason">Why, as a metric's label spells it: <c>manual</c>, <c>step_passed</c>, <c>error_ratio</c>, <c>latency</c>, <c>hard_stop</c>, <c>breaker_open</c>, <c>no_data</c>, <c>both_arms_fail</c>, <c>progress_deadline</c> and the like.</param>
/// <param name="FromWeight">The share before, in percent.</param>
/// <param name="ToWeight">The share after, in percent.</param>
/// <param name="Evidence">What both arms had done in the step.</param>
public sealed record CanaryDecision(DateTimeOffset At, CanaryAction Action, string Reason, double FromWeight, double ToWeight, CanaryEvidence Evidence);
