using System.Globalization;

namespace Providers.Testing.Wall;

/// <summary>Turns evidence into verdicts. Truncated text as success is always a fail.</summary>
internal static class Judges
{
    public static FaultWallResult Served(WallEvidence e, TimeSpan within, int? maxFirst = null) =>
        Wrong(e) ?? Errors(e) ?? Late(e, within)
        ?? (maxFirst is { } most && e.First.Count > most ? Partial($"the first target got {e.First.Count} requests; {most} would do") : null)
        ?? Pass($"all {e.Calls.Count} served exactly, {e.First.Count} requests at the first target");

    /// <summary>A stream that broke after content: rescued exactly, or an honest error that carries what arrived.</summary>
    public static FaultWallResult Broken(WallEvidence e, int tokens, TimeSpan within)
    {
        if (Wrong(e) is { } wrong)
        {
            return wrong;
        }

        if (e.Calls.All(static c => c.IsExact))
        {
            return Late(e, within) ?? Pass("rescued: the exact answer");
        }

        string partial = CanonicalAnswer.Prefix(tokens);
        bool carried = e.Calls.All(c => c.IsExact || (c.ProviderError is { OutputCommitted: true, PartialResponse: { } part } && part.Text.TrimEnd() == partial.TrimEnd()));
        return e.Needs.Recovery is StreamRecovery.Continue ? Safe(Describe(e) + "; the stream was to be continued")
            : carried ? Late(e, within) ?? Pass($"an honest error that carries the {tokens} tokens that arrived")
            : Safe(Describe(e) + "; it does not carry the partial text");
    }

    public static FaultWallResult WaitsForRetryAfter(WallEvidence e)
    {
        FaultWallResult served = Served(e, e.Needs.TotalTimeout, maxFirst: 2);
        return served.Verdict is FaultWallVerdict.Pass && e.First.Count == 2 && e.First[1].Time - e.First[0].Time < TimeSpan.FromSeconds(1.9)
            ? Partial("the first target was asked again before its Retry-After")
            : served;
    }

    public static FaultWallResult LargerContext(WallEvidence e) => Wrong(e)
        ?? (e.First.Count > 1 ? Partial($"{e.First.Count} attempts on the target whose context was too small") : null)
        ?? Errors(e) ?? Pass("one attempt, then the larger context served");

    public static FaultWallResult ContentPolicy(WallEvidence e)
    {
        int requests = e.Targets.Sum(static t => t.Count);
        if (e.Calls[0] is { Hung: true } or { Error: null })
        {
            return Wrong(e) ?? Partial("another target was asked for what the first refused");
        }

        Exception error = e.Calls[0].Error!;
        bool tells = e.Calls[0].ProviderError is { Kind: FailureKind.ContentFiltered } || error.ToString().Contains("safety system", StringComparison.Ordinal) || error.ToString().Contains("content_policy", StringComparison.Ordinal);
        return !tells ? Safe($"the error does not say why: {error.Message}")
            : requests > 1 ? Partial($"{requests} requests for one that is refused everywhere") : Pass("one attempt, and the refusal surfaced");
    }

    public static FaultWallResult Flap(WallEvidence e, int maxDead)
    {
        if ((Wrong(e) ?? Errors(e)) is { } bad)
        {
            return bad;
        }

        int dead = e.First.Count(static r => r.Fault.Kind is Faults.FaultKind.Refuse);
        bool back = e.First.Any(r => r.Completed && r.Time >= e.Calls[^5].Start);
        return dead > maxDead ? Partial($"{dead} attempts on the dead target")
            : !back ? Partial("the recovered target got no traffic in the last five calls")
            : Pass($"all {e.Calls.Count} served, {dead} attempts on the dead target, then back");
    }

    public static FaultWallResult Inspected(WallEvidence e) => Wrong(e) ?? Errors(e)
        ?? (e.Calls[0].ModelId != TargetHost.ModelOf(1) ? Partial($"the answer names the model '{e.Calls[0].ModelId}', not the second's") : null)
        ?? (e.Calls[0].Usage?.InputTokenCount != TargetHost.InputTokensOf(1) ? Partial($"the answer reports {e.Calls[0].Usage?.InputTokenCount?.ToString(CultureInfo.InvariantCulture) ?? "no"} input tokens, not the second's") : null)
        ?? Pass("model and usage are the second's");

    public static FaultWallResult Loads(WallEvidence e)
    {
        int left = e.First.Count(static r => r.ClientLeft && !r.Completed);
        return Wrong(e) ?? Errors(e)
            ?? (left > 0 ? Partial($"{left} loads aborted") : null)
            ?? Late(e, e.Needs.TotalTimeout) ?? Pass("waited for the load, none aborted");
    }

    public static FaultWallResult HalfToolCall(WallEvidence e) =>
        e.Calls.Any(static c => c.ToolCalls.Count > 0) ? Fail("a half tool call was released") : Wrong(e) ?? Errors(e) ?? Pass("the half call was held back and the second served");

    public static FaultWallResult UsageOnce(WallEvidence e)
    {
        (long? input, long? output) = (e.Calls[0].Usage?.InputTokenCount, e.Calls[0].Usage?.OutputTokenCount);
        bool right = output == CanonicalAnswer.Length && Enumerable.Range(0, e.Targets.Count).Any(i => input == TargetHost.InputTokensOf(i));
        return Wrong(e) ?? Errors(e)
            ?? (right ? null : input is null or 0 || output is null or 0 ? Partial("usage was lost") : Fail($"usage is wrong: {input} in, {output} out"))
            ?? Pass("usage counted once");
    }

    public static FaultWallResult Domain(WallEvidence e)
    {
        int sent = e.Targets[0].Count + e.Targets[1].Count;
        return Wrong(e) ?? Errors(e)
            ?? (sent > 1 ? Partial($"{sent} requests into a domain that had said 429 to one") : null) ?? Pass("one request, then the domain was left alone");
    }

    public static FaultWallResult Keys(WallEvidence e)
    {
        int refused = e.Targets.Sum(static t => t.Count(static r => r.Status == 401 || r.Fault.Code == 401));
        return Wrong(e) ?? Errors(e)
            ?? (refused > 1 ? Partial($"the refused key was used {refused} times") : null) ?? Pass("the refused key left the rotation after one use");
    }

    public static FaultWallResult Vectors(WallEvidence e, int? forbidden = null)
    {
        HashingEmbeddingGenerator reference = new(TargetHost.Dimensions);
        foreach (WallCall call in e.Calls)
        {
            if (call.Vectors is { } vectors && (vectors.Count != WallEvidence.Texts.Count || !vectors.Zip(WallEvidence.Texts).All(p => Near(p.First, reference.Embed(p.Second)))))
            {
                return Fail("vectors were handed out that are not of the asked space");
            }
        }

        return e.Calls.Any(static c => c.Hung) ? Fail("a call never ended") : Errors(e)
            ?? (forbidden is { } other && e.Targets[other].Count > 0 ? Partial("a target of another space was asked") : null)
            ?? Pass($"all {e.Calls.Count} served inside the space");
    }

    private static bool Near(float[] a, float[] b) => a.Length == b.Length && a.Zip(b).All(static p => Math.Abs(p.First - p.Second) < 1e-4f);

    private static FaultWallResult? Wrong(WallEvidence e)
    {
        foreach (WallCall call in e.Calls)
        {
            if (call.Hung)
            {
                return Fail($"a call did not end within {call.Elapsed.TotalSeconds:F0} s");
            }

            if (!CanonicalAnswer.StartsWith(call.Text))
            {
                return Fail($"wrong, doubled or moved text: \"{(call.Text.Length > 40 ? "…" + call.Text[^40..] : call.Text)}\"");
            }

            if (call.Error is null && !call.IsExact)
            {
                return Fail($"truncated text as success: {call.Text.Length / 4} of {CanonicalAnswer.Length} tokens");
            }
        }

        return null;
    }

    private static FaultWallResult? Errors(WallEvidence e) => e.Calls.Any(static c => c.Error is not null) ? Safe(Describe(e)) : null;

    private static FaultWallResult? Late(WallEvidence e, TimeSpan within)
    {
        TimeSpan worst = e.Calls.Max(static c => c.Elapsed);
        return worst > within + e.Slack ? Partial($"a call took {worst.TotalSeconds:F1} s; {within.TotalSeconds:F1} s would do") : null;
    }

    private static string Describe(WallEvidence e)
    {
        WallCall[] failed = [.. e.Calls.Where(static c => c.Error is not null)];
        return $"{failed.Length} of {e.Calls.Count} calls failed: {failed[0].Error!.GetType().Name}: {failed[0].Error!.Message}";
    }

    private static FaultWallResult Pass(string reason) => new(FaultWallVerdict.Pass, reason);

    private static FaultWallResult Partial(string reason) => new(FaultWallVerdict.Partial, reason);

    private static FaultWallResult Safe(string reason) => new(FaultWallVerdict.Safe, reason);

    private static FaultWallResult Fail(string reason) => new(FaultWallVerdict.Fail, reason);
}
