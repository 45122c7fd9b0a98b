using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Providers.Embeddings;
using Providers.Plans;
using Providers.Routing;

namespace Providers.Canary;

/// <summary>
/// Sends an embedding request that has been served to a shadow as well, after the answer went out, and throws the vectors away once they are
/// compared. Never slows or fails a request: when the shadow is busy, limited or broken, the copy is left out.
/// </summary>
internal sealed class ShadowMirror(Router router)
{
    private const int MostAtOnce = 16;
    private int _underWay;

    /// <summary>Mirrors one request. Never throws.</summary>
    /// <param name="plan">The plan of the request, entered once for this copy; left when it has ended.</param>
    /// <param name="canary">The shadow's rollout.</param>
    /// <param name="arm">Where the outcome goes.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="served">What the caller got.</param>
    public async Task SendAsync(CompositePlan plan, CanaryState canary, CanaryArm arm, ShadowRequest request, GeneratedEmbeddings<Embedding<float>> served)
    {
        TargetPlan target = canary.Target;
        if (Obstacle(target) is { } why)
        {
            router.Telemetry.Log.ShadowSkipped(canary.Route, canary.Name, why);
            plan.Leave();
            return;
        }

        long started = router.Clock.Now;
        try
        {
            using CancellationTokenSource limit = new(router.Clock.Span(target.Timeouts.Attempt), router.Clock.Provider);
            GeneratedEmbeddings<Embedding<float>> result = await target.Embeddings!
                .GenerateAsync(request.Texts, EmbedOperation.OptionsFor(target.ModelId, request.Options), limit.Token)
                .WaitAsync(limit.Token).ConfigureAwait(false);
            if (EmbeddingFaults.Find(target, request.Texts.Count, request.Options?.Dimensions, result) is not null)
            {
                arm.Failed(started, router.Clock.Now - started);
                return;
            }

            arm.Served(started, router.Clock.Now - started);
            Compare(canary, served, result);
        }
        catch (Exception)
        {
            arm.Failed(started, router.Clock.Now - started); // whatever it was, the shadow did not answer
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
            target.Provider.Limits.Gate.Leave();
            plan.Leave();
        }
    }

    private string? Obstacle(TargetPlan target)
    {
        if (target.Embeddings is null || target.Provider.IsDraining || target.State.Circuit.State is not CircuitState.Closed)
        {
            return "it takes no traffic";
        }

        if (Interlocked.Increment(ref _underWay) > MostAtOnce)
        {
            Interlocked.Decrement(ref _underWay);
            return $"{MostAtOnce} copies are under way";
        }

        if (!target.Provider.Limits.Gate.TryEnter())
        {
            Interlocked.Decrement(ref _underWay);
            return "all its places are taken";
        }

        return null;
    }

    // Vectors of two models lie in two spaces even where their lengths are equal; between those the similarity says nothing.
    private static void Compare(CanaryState canary, GeneratedEmbeddings<Embedding<float>> served, GeneratedEmbeddings<Embedding<float>> shadow)
    {
        for (int i = 0; i < shadow.Count; i++)
        {
            if (served[i].Vector.Length == shadow[i].Vector.Length)
            {
                canary.Agreed(TensorPrimitives.CosineSimilarity(served[i].Vector.Span, shadow[i].Vector.Span));
            }
        }
    }
}
