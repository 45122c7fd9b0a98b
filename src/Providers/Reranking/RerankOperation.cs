using Providers.Attempts;
using Providers.Routing;

namespace Providers.Reranking;

/// <summary>Scores documents at a target, and refuses what comes back unless every document has one finite score.</summary>
internal readonly struct RerankOperation(Router router, string query, IReadOnlyList<string> documents) : IOperation<IReadOnlyList<RerankResult>>
{
    public static bool TimesItself => false;

    public Task<IReadOnlyList<RerankResult>> InvokeAsync(Call call, Attempt attempt) =>
        attempt.Target.Reranker!.RerankAsync(query, documents, attempt.Target.ModelId ?? call.ModelOverride, attempt.Token);

    public bool Judges(Call call, IReadOnlyList<RerankResult> result) => true;

    public ValueTask<ProviderFailure?> JudgeAsync(Call call, Attempt attempt, IReadOnlyList<RerankResult> result)
    {
        bool[] seen = new bool[documents.Count];
        int good = 0;
        foreach (RerankResult one in result)
        {
            if (one.Index >= 0 && one.Index < seen.Length && !seen[one.Index] && double.IsFinite(one.Score))
            {
                seen[one.Index] = true;
                good++;
            }
        }

        return new(good == documents.Count && result.Count == good
            ? null
            : new ProviderFailure(FailureKind.InvalidResponse, $"{documents.Count} documents were sent; {result.Count} scores came back, {good} of them usable."));
    }

    public void Accept(Call call, Attempt attempt, IReadOnlyList<RerankResult> result)
    {
        router.Succeed(call, attempt, router.Clock.Now - attempt.Started, null);
        router.End(call);
    }

    public void Discard(IReadOnlyList<RerankResult> result)
    {
        // Nothing is held by finished scores.
    }
}
