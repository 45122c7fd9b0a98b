namespace Providers.Testing.Faults;

/// <summary>The fault wall's faults on the first target, by scenario.</summary>
internal static class ScenarioFaults
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, FaultSequence> Sequences = new(StringComparer.Ordinal)
    {
        ["S01"] = FaultSequence.Once(Fault.Status(429, retryAfter: "2", reason: "rate_limit_exceeded")),
        ["S02"] = FaultSequence.Forever(Fault.Status(429, retryAfter: "2", reason: "rate_limit_exceeded")),
        ["S03"] = FaultSequence.Once(Fault.Status(500)),
        ["S04"] = FaultSequence.Forever(Fault.Status(503)),
        ["S05"] = FaultSequence.Once(Fault.Reset),
        ["S06"] = FaultSequence.Forever(Fault.DelayHeaders(120 * Second)),
        ["S07"] = FaultSequence.Forever(Fault.DelayFirstToken(120 * Second)),
        ["S08"] = FaultSequence.Forever(Fault.CutAfter(40)),
        ["S09"] = FaultSequence.Forever(Fault.StallAfter(20)),
        ["S10"] = FaultSequence.Forever(Fault.MalformedAfter(10)),
        ["S11"] = FaultSequence.Forever(Fault.OpenAfterFinish),
        ["S12"] = FaultSequence.Forever(Fault.Status(400, reason: "context_length_exceeded")),
        ["S13"] = FaultSequence.Forever(Fault.Status(400, reason: "content_policy_violation")),
        ["S14"] = FaultSequence.Forever(Fault.CutAfter(40)),
        ["S15"] = FaultSequence.Once(Fault.Refuse(10 * Second)),
        ["S16"] = FaultSequence.Forever(Fault.Status(503)),
        ["S17"] = FaultSequence.Forever(Fault.ErrorAfter(0)),
        ["S18"] = FaultSequence.Forever(Fault.EndAfter(40)),
        ["S19"] = FaultSequence.Forever(Fault.Html),
        ["S20"] = FaultSequence.Forever(Fault.Status(429, retryAfter: "411000", reason: "rate_limit_exceeded")),
        ["S21"] = FaultSequence.Forever(Fault.KeepAlive(Second)),
        ["S22"] = FaultSequence.Forever(Fault.TokenEvery(5 * Second)),
        ["S23"] = FaultSequence.Forever(Fault.Load(90 * Second)),
        ["S24"] = FaultSequence.Forever(Fault.Load(90 * Second)),
        ["S25"] = FaultSequence.Forever(Fault.CutToolCall),
        ["S26"] = FaultSequence.Forever(Fault.UsageWithChoices),
        ["S27"] = FaultSequence.Forever(Fault.Status(429, retryAfter: "30", reason: "rate_limit_exceeded")),
        ["S28"] = FaultSequence.Forever(Fault.Status(401, reason: "invalid_api_key")),
        ["S29"] = new([Fault.WrongCount, Fault.WrongDimensions, Fault.NotFinite, Fault.Zero], Fault.Zero),
        ["S30"] = FaultSequence.Forever(Fault.Status(503)),
    };

    public static FaultSequence? Find(string id) => Sequences.GetValueOrDefault(id);
}
