using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using Providers.Attempts;
using Providers.Chat;
using Providers.Plans;
using Providers.Routing;

namespace Providers.Embeddings;

/// <summary>Embeds one batch at a target, and refuses what comes back unless every vector is there, of one length, finite and not zero.</summary>
internal readonly struct EmbedOperation(Router router, IReadOnlyList<string> texts, EmbeddingGenerationOptions? options) : IOperation<GeneratedEmbeddings<Embedding<float>>>
{
    public static bool TimesItself => false;

    public Task<GeneratedEmbeddings<Embedding<float>>> InvokeAsync(Call call, Attempt attempt) =>
        attempt.Target.Embeddings!.GenerateAsync(texts, OptionsFor(call, attempt.Target), attempt.Token);

    public bool Judges(Call call, GeneratedEmbeddings<Embedding<float>> result) => true;

    public ValueTask<ProviderFailure?> JudgeAsync(Call call, Attempt attempt, GeneratedEmbeddings<Embedding<float>> result) =>
        new(Fault(attempt.Target, result) is { } fault ? new ProviderFailure(FailureKind.InvalidResponse, fault) : null);

    public void Accept(Call call, Attempt attempt, GeneratedEmbeddings<Embedding<float>> result)
    {
        result.AdditionalProperties = Annotation.Write(result.AdditionalProperties, new Served(call, attempt.Target));
        router.Succeed(attempt, router.Clock.Now - attempt.Started, result.Usage?.TotalTokenCount ?? result.Usage?.InputTokenCount);
        router.End(call);
    }

    public void Discard(GeneratedEmbeddings<Embedding<float>> result)
    {
        // Nothing is held by finished embeddings.
    }

    private string? Fault(TargetPlan target, GeneratedEmbeddings<Embedding<float>> result)
    {
        if (result.Count != texts.Count)
        {
            return $"{texts.Count} texts were sent and {result.Count} vectors came back.";
        }

        int? expected = options?.Dimensions ?? target.Model?.EmbeddingDimensions;
        for (int i = 0; i < result.Count; i++)
        {
            ReadOnlySpan<float> vector = result[i].Vector.Span;
            int length = expected ??= vector.Length;
            if (vector.Length != length || length == 0)
            {
                return $"Vector {i} has {vector.Length} dimensions; {length} were expected.";
            }

            // One sum tells both: it is not finite when a number is not, and zero when all are.
            float norm = TensorPrimitives.SumOfSquares(vector);
            if (!float.IsFinite(norm))
            {
                return $"Vector {i} holds a number that is not finite.";
            }

            if (norm == 0)
            {
                return $"Vector {i} is all zeros.";
            }
        }

        return null;
    }

    private EmbeddingGenerationOptions? OptionsFor(Call call, TargetPlan target)
    {
        string? model = target.ModelId ?? call.ModelOverride;
        if (options is null)
        {
            return model is null ? null : new EmbeddingGenerationOptions { ModelId = model };
        }

        EmbeddingGenerationOptions copy = options.Clone();
        copy.ModelId = model;
        copy.AdditionalProperties?.Remove(RequestPreferences.Key);
        return copy;
    }
}
