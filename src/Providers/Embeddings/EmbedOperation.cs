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
        new(EmbeddingFaults.Find(attempt.Target, texts.Count, options?.Dimensions, result) is { } fault ? new ProviderFailure(FailureKind.InvalidResponse, fault) : null);

    public void Accept(Call call, Attempt attempt, GeneratedEmbeddings<Embedding<float>> result)
    {
        result.AdditionalProperties = Annotation.Write(result.AdditionalProperties, new Served(call, attempt.Target));
        router.Succeed(call, attempt, router.Clock.Now - attempt.Started, result.Usage);
        router.End(call);
    }

    public void Discard(GeneratedEmbeddings<Embedding<float>> result)
    {
        // Nothing is held by finished embeddings.
    }

    private EmbeddingGenerationOptions? OptionsFor(Call call, TargetPlan target) => OptionsFor(target.ModelId ?? call.ModelOverride, options);

    /// <summary>The caller's options for one model, without what is only for us.</summary>
    internal static EmbeddingGenerationOptions? OptionsFor(string? model, EmbeddingGenerationOptions? options)
    {
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
