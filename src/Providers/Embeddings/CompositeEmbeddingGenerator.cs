using Microsoft.Extensions.AI;
using Providers.Canary;
using Providers.Plans;
using Providers.Routing;

namespace Providers.Embeddings;

/// <summary>
/// The one embedding generator of a composite. A call is split into batches that run side by side, each failing over for itself, and only
/// among targets of one vector space: vectors of another space would be stored and never found again. Safe for concurrent use.
/// </summary>
internal sealed class CompositeEmbeddingGenerator(Router router, Failover failover, Lazy<EmbeddingCache> cache) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly ShadowMirror _mirror = new(router);
    private readonly EmbeddingGeneratorMetadata _metadata = new("providers");

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        IReadOnlyList<string> texts = values as IReadOnlyList<string> ?? [.. values];
        if (texts.Count == 0)
        {
            return [];
        }

        cancellationToken.ThrowIfCancellationRequested();
        // One plan for the whole call: a reload between two batches, or between cache and model, must not mix two spaces.
        CompositePlan plan = router.Acquire();
        try
        {
            options = Routed(plan, options);
            RoutePlan route = RouteTable.Find(plan, options?.ModelId, out string? named);
            string? space = EmbeddingKeys.SpaceOf(EmbeddingBatches.FirstOf(route), named);
            GeneratedEmbeddings<Embedding<float>> made = plan.Options.Embeddings.Cache is { } rules && space is not null && EmbeddingKeys.PrefixOf(space, options) is { } prefix
                ? await ThroughCacheAsync(plan, rules, prefix, texts, options, cancellationToken).ConfigureAwait(false)
                : await EmbedAsync(plan, texts, options, cancellationToken).ConfigureAwait(false);
            if (space is not null)
            {
                (made.AdditionalProperties ??= [])[ResponseAnnotations.VectorSpace] = space;
            }

            return made;
        }
        finally
        {
            plan.Leave();
        }
    }

    private static EmbeddingGenerationOptions? Routed(CompositePlan plan, EmbeddingGenerationOptions? options)
    {
        if (options?.ModelId is not null || EmbeddingBatches.RouteOf(plan) is not { } embeds || ReferenceEquals(embeds, plan.DefaultRoute))
        {
            return options;
        }

        EmbeddingGenerationOptions named = options?.Clone() ?? new EmbeddingGenerationOptions();
        named.ModelId = embeds.Name;
        return named;
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    public void Dispose()
    {
        // The composite owns the providers and outlives its clients.
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> ThroughCacheAsync(
        CompositePlan plan, EmbeddingCacheOptions rules, string prefix, IReadOnlyList<string> texts, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        string[] keys = [.. texts.Select(t => EmbeddingKeys.Of(prefix, t))];
        float[]?[] found = await cache.Value.ReadAsync(keys, rules, cancellationToken).ConfigureAwait(false);
        int[] missing = [.. Enumerable.Range(0, keys.Length).Where(i => found[i] is null)];
        GeneratedEmbeddings<Embedding<float>> made = missing is []
            ? new() { Usage = new UsageDetails { InputTokenCount = 0, TotalTokenCount = 0 } }
            : await EmbedAsync(plan, missing.Length == texts.Count ? texts : [.. missing.Select(i => texts[i])], options, cancellationToken).ConfigureAwait(false);
        if (missing is not [])
        {
            await cache.Value.WriteAsync([.. missing.Select((i, n) => (keys[i], made[n].Vector))], rules, cancellationToken).ConfigureAwait(false);
        }

        return EmbeddingBatches.Merge(found, made);
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> EmbedAsync(
        CompositePlan plan, IReadOnlyList<string> texts, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        int size = plan.Options.Embeddings.BatchSize;
        if (texts.Count <= size)
        {
            return await RunAsync(plan, texts, options, cancellationToken).ConfigureAwait(false);
        }

        string[][] batches = [.. texts.Chunk(size)];
        GeneratedEmbeddings<Embedding<float>>[] results = new GeneratedEmbeddings<Embedding<float>>[batches.Length];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = plan.Options.Embeddings.MaxParallelBatches, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, batches.Length, parallel, async (i, token) =>
            results[i] = await RunAsync(plan, batches[i], options, token).ConfigureAwait(false)).ConfigureAwait(false);
        return EmbeddingBatches.Join(results);
    }

    private Task<GeneratedEmbeddings<Embedding<float>>> RunAsync(
        CompositePlan plan, IReadOnlyList<string> texts, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        RequestPreferences? preferences = options?.AdditionalProperties is { } properties && properties.TryGetValue(RequestPreferences.Key, out object? value)
            ? value as RequestPreferences : null;
        plan.Enter();
        Call call = router.Begin(plan, options?.ModelId, preferences, ModelCapabilities.Embeddings, cancellationToken);
        // The space is that of the first target in order that embeds, whatever its condition: a failure must not change it.
        call.VectorSpace = EmbeddingBatches.FirstOf(call.Route)?.VectorSpace;
        if (call.Route.CountsTokens)
        {
            call.Tokens = call.ReservedTokens = RequestNeeds.Tokens(texts);
        }

        EmbedOperation operation = new(router, texts, options);
        return call.Route.Canary is { } canary && canary.Mirror(preferences?.StickyKey) is { } arm
            ? MirroredAsync(call, operation, canary, arm, new ShadowRequest(texts, options))
            : failover.RunAsync<EmbedOperation, GeneratedEmbeddings<Embedding<float>>>(call, operation);
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> MirroredAsync(Call call, EmbedOperation operation, CanaryState canary, CanaryArm arm, ShadowRequest request)
    {
        CompositePlan plan = call.Plan;
        plan.Enter(); // the shadow's provider must outlive its request too
        try
        {
            GeneratedEmbeddings<Embedding<float>> served = await failover.RunAsync<EmbedOperation, GeneratedEmbeddings<Embedding<float>>>(call, operation).ConfigureAwait(false);
            plan.Enter();
            _ = _mirror.SendAsync(plan, canary, arm, request, served);
            return served;
        }
        finally
        {
            plan.Leave();
        }
    }
}
