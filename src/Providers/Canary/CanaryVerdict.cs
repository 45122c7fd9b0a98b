namespace Providers.Canary;

/// <summary>One decision of the machine: what, why, from which share to which, on what evidence.</summary>
internal sealed record CanaryVerdict(CanaryAction Action, string Reason, double From, double To, CanaryEvidence Evidence);
