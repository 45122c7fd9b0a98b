using Microsoft.Extensions.AI;
using Providers.Canary;

namespace Providers.Plans;

/// <summary>One target of a route as requests use it: immutable, all look-ups done.</summary>
internal sealed class TargetPlan
{
    public TargetPlan(ProviderState provider, ModelDescriptor? model, string? modelId, TargetOptions options, bool isLocal, TimeoutPlan timeouts, CanaryPlan? canary = null)
    {
        Provider = provider;
        Model = model;
        ModelId = modelId;
        State = provider[modelId];
        Weight = options.Weight;
        Gate = options.Gate;
        Canary = canary;
        Configure = options.ConfigureOptions;
        IsLocal = isLocal;
        Timeouts = timeouts;
        LoadsOnDemand = provider.Provider.Descriptor.LoadsOnDemand;
        Chat = provider.Provider.ChatClient;
        Embeddings = provider.Provider.EmbeddingGenerator;
        Reranker = provider.Provider.Reranker;
        Price = model is { InputPrice: not null } or { OutputPrice: not null }
            ? (double)((model.InputPrice ?? 0) + (model.OutputPrice ?? 0))
            : double.PositiveInfinity;
        if (modelId is not null || Configure is not null)
        {
            DefaultOptions = new ChatOptions { ModelId = modelId };
            Configure?.Invoke(DefaultOptions);
        }
    }

    public ProviderState Provider { get; }

    public TargetState State { get; }

    /// <summary>Gets what is declared of the model; <see langword="null"/> when nothing is.</summary>
    public ModelDescriptor? Model { get; }

    /// <summary>Gets the model's id; <see langword="null"/> for the provider's default.</summary>
    public string? ModelId { get; }

    public double Weight { get; }

    public double Price { get; }

    public string? Gate { get; }

    /// <summary>Gets the rules of the target's rollout; <see langword="null"/> for a full member of the route.</summary>
    public CanaryPlan? Canary { get; }

    public bool IsCanary => Canary is not null;

    public Action<ChatOptions>? Configure { get; }

    public bool IsLocal { get; }

    public bool LoadsOnDemand { get; }

    public TimeoutPlan Timeouts { get; }

    public IChatClient? Chat { get; }

    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings { get; }

    public IReranker? Reranker { get; }

    public string VectorSpace => Model?.VectorSpace ?? ModelId ?? Provider.Name;

    /// <summary>Gets the options for requests that bring none; shared, never changed.</summary>
    public ChatOptions? DefaultOptions { get; }

    /// <summary>Gets the first-content limit as it is now: longer while the model may be loading.</summary>
    public long FirstContentLimit(long now) =>
        LoadsOnDemand && State.IsCold(now, Timeouts.KeepWarm) ? Math.Max(Timeouts.Load, Timeouts.FirstContent) : Timeouts.FirstContent;

    /// <summary>Gets the limit of a whole, non-streamed answer as it is now.</summary>
    public long AttemptLimit(long now) =>
        LoadsOnDemand && State.IsCold(now, Timeouts.KeepWarm) ? Timeouts.Attempt + Timeouts.Load : Timeouts.Attempt;
}
