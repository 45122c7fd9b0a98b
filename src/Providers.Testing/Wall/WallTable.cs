using Providers.Testing.Faults;

namespace Providers.Testing.Wall;

/// <summary>The thirty scenarios, as the public failoverbench words S01 to S16; the rest are ours.</summary>
internal static class WallTable
{
    private static readonly FaultWallNeeds Usual = new();

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static IReadOnlyList<FaultWallScenario> All { get; } =
    [
        Two("S01", "429 once with Retry-After, then fine", "waits it out or serves from the second; never hammers", Judges.WaitsForRetryAfter),
        Several("S02", "429 for ever", "the second serves; few attempts on the first"),
        Two("S03", "500 once", "served; the same target may be retried once", static e => Judges.Served(e, e.Needs.TotalTimeout, maxFirst: 2)),
        Several("S04", "503 for ever", "the second serves; few attempts on the first"),
        Two("S05", "connection reset once", "served", static e => Judges.Served(e, e.Needs.TotalTimeout, maxFirst: 2)),
        Two("S06", "silent, no headers for 120 s", "the second serves within the first-content deadline", FirstContent),
        Two("S07", "headers at once, first token after a long pause", "the second serves at the first-content deadline", FirstContent),
        Two("S08", "40 of 60 tokens, then the connection is cut", "rescued, or an honest error that carries the partial text", static e => Judges.Broken(e, 40, e.Needs.TotalTimeout)),
        Two("S09", "stalls after 20 tokens", "the gap deadline, then as S08", static e => Judges.Broken(e, 20, e.Gap)),
        Two("S10", "malformed chunk after 10 tokens", "as S08", static e => Judges.Broken(e, 10, e.Needs.TotalTimeout)),
        Two("S11", "complete, but the terminal mark never comes and the connection stays open", "ends promptly once the finish reason was seen", static e => Judges.Served(e, e.Gap, maxFirst: 1)),
        Make("S12", "400 context length", "one attempt, then the larger context", Judges.LargerContext, Usual with { LargerContextTarget = true }, Faulty("S12"), TargetSpec.Healthy with { Context = 131_072 }),
        Two("S13", "400 content policy", "one attempt, and it surfaces", Judges.ContentPolicy),
        Make("S14", "40 of 60 tokens, then the connection is cut; continuation asked", "the exact answer, continued by the second", static e => Judges.Broken(e, 40, e.Needs.TotalTimeout),
            Usual with { Recovery = StreamRecovery.Continue }, Faulty("S14"), TargetSpec.Healthy),
        new("S15", "down for 10 s, then back, 20 calls a second apart", "all served; few attempts on the dead one; back on the first within seconds", static e => Judges.Flap(e, maxDead: 8))
        {
            Calls = 20, Interval = Second, Targets = [TargetSpec.Healthy with { Down = 10 * Second }, TargetSpec.Healthy],
        },
        new("S16", "503 for ever, the caller inspects the answer", "model and usage are the second's", Judges.Inspected) { Streaming = false, Targets = [Faulty("S16"), TargetSpec.Healthy] },
        Two("S17", "200, then an in-band error before any content", "the second serves", static e => Judges.Served(e, e.Needs.TotalTimeout, maxFirst: 2)),
        Two("S18", "40 tokens, clean end of body, no finish reason", "as S08", static e => Judges.Broken(e, 40, e.Needs.TotalTimeout)),
        Two("S19", "200 with HTML", "the second serves", static e => Judges.Served(e, e.Needs.TotalTimeout, maxFirst: 2)),
        Two("S20", "429 with Retry-After 411000", "the second serves; the wait is capped by the deadline", static e => Judges.Served(e, e.Needs.TotalTimeout, maxFirst: 2)),
        Two("S21", "keep-alive comments for ever", "the second serves at the first-content deadline", FirstContent),
        Make("S22", "one token every 5 s", "the minimum rate ends it; the exact answer in time", static e => Judges.Broken(e, 60, e.Needs.TotalTimeout),
            Usual with { MinimumUpdatesPerSecond = 1, Recovery = StreamRecovery.Continue }, Faulty("S22"), TargetSpec.Healthy),
        Load("S23", "cold load, headers after 90 s", 1),
        Load("S24", "a load that every abort starts over", 2),
        new("S25", "cut in the middle of a tool call", "the call is not released", Judges.HalfToolCall) { WithTools = true, Targets = [Faulty("S25"), TargetSpec.Healthy] },
        Two("S26", "usage only in a last chunk that has choices", "usage counted once", Judges.UsageOnce),
        new("S27", "one rate-limit domain behind two targets", "the domain backs off as one", Judges.Domain)
        {
            Calls = 3, Needs = Usual with { RateLimitDomain = "shared" },
            Targets = [Faulty("S27") with { Domain = "shared" }, Faulty("S27") with { Domain = "shared" }, TargetSpec.Healthy],
        },
        new("S28", "one of three keys is 401", "the key leaves the rotation", Judges.Keys)
        {
            Calls = 6, Needs = Usual with { Keys = 3 }, Targets = [Faulty("S28") with { Keys = 3 }, TargetSpec.Healthy, TargetSpec.Healthy],
        },
        new("S29", "embeddings: wrong count, wrong dimension, NaN, zero", "refused, and the second serves", static e => Judges.Vectors(e))
        {
            Calls = 4, Embeds = true, Targets = [Faulty("S29"), TargetSpec.Healthy],
        },
        new("S30", "embeddings: the next target has the same dimension but another space", "failed over inside the space only", static e => Judges.Vectors(e, forbidden: 1))
        {
            Embeds = true, Targets = [Faulty("S30"), TargetSpec.Healthy with { Space = 1 }, TargetSpec.Healthy],
        },
    ];

    private static FaultWallResult FirstContent(WallEvidence e) => Judges.Served(e, e.FirstContent, maxFirst: 1);

    private static TargetSpec Faulty(string id) => new(ScenarioFaults.Find(id)!);

    private static FaultWallScenario Two(string id, string title, string pass, Func<WallEvidence, FaultWallResult> judge) =>
        Make(id, title, pass, judge, Usual, Faulty(id), TargetSpec.Healthy);

    private static FaultWallScenario Make(string id, string title, string pass, Func<WallEvidence, FaultWallResult> judge, FaultWallNeeds needs, params TargetSpec[] targets) =>
        new(id, title, pass, judge) { Needs = needs, Targets = targets };

    private static FaultWallScenario Several(string id, string title, string pass) =>
        new(id, title, pass, static e => Judges.Served(e, e.Needs.TotalTimeout, maxFirst: e.Calls.Count + 1)) { Calls = 5, Targets = [Faulty(id), TargetSpec.Healthy] };

    private static FaultWallScenario Load(string id, string title, int calls) => new(id, title, "waits within the load deadline, never aborts a load in a loop", Judges.Loads)
    {
        Calls = calls,
        Needs = Usual with { LoadTimeout = 150 * Second, AttemptTimeout = 150 * Second, TotalTimeout = 200 * Second },
        Targets = [Faulty(id) with { Loads = true }, TargetSpec.Healthy],
    };
}
