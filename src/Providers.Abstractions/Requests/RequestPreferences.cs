using Microsoft.Extensions.AI;

namespace Providers;

/// <summary>What one request asks of the composite, beside what the route says. Immutable.</summary>
public sealed record RequestPreferences
{
    /// <summary>The key under which preferences travel in <see cref="ChatOptions.AdditionalProperties"/>; never sent to a provider.</summary>
    public const string Key = "providers.preferences";

    /// <summary>Gets a value indicating whether the request may only go to local providers, whatever fails.</summary>
    public bool LocalOnly { get; init; }

    /// <summary>Gets a value indicating whether only the first choice is tried.</summary>
    public bool DisableFailover { get; init; }

    /// <summary>Gets the providers to use, in this order, each a provider or <c>provider/model</c> of the route.</summary>
    /// <value>Empty (the default): the route's own order.</value>
    public IReadOnlyList<string> Order { get; init; } = [];

    /// <summary>Gets how long the request may take in all.</summary>
    /// <value><see langword="null"/>: what the route says. The shorter one counts.</value>
    public TimeSpan? TotalTimeout { get; init; }

    /// <summary>Gets what happens when a committed stream fails.</summary>
    /// <value><see langword="null"/>: what the route says.</value>
    public StreamRecovery? StreamRecovery { get; init; }

    /// <summary>Gets who the request is for (a tenant, a user, both), so that a canary serves the same ones all the time. Stays in this process.</summary>
    /// <value><see langword="null"/> (the default): each request is assigned by chance.</value>
    public string? StickyKey { get; init; }

    /// <summary>Gets the tenant whose budget the request draws on. Stays in this process, in no label and no log.</summary>
    /// <value><see langword="null"/> (the default): the budget shared by requests that name none.</value>
    public string? Tenant { get; init; }

    /// <summary>Puts the preferences into chat options.</summary>
    /// <param name="options">The options; <see langword="null"/> for new ones. Not changed.</param>
    /// <returns>Options that carry the preferences.</returns>
    public ChatOptions ApplyTo(ChatOptions? options)
    {
        ChatOptions result = options?.Clone() ?? new ChatOptions();
        (result.AdditionalProperties ??= [])[Key] = this;
        return result;
    }

    /// <summary>Puts the preferences into embedding options.</summary>
    /// <param name="options">The options; <see langword="null"/> for new ones. Not changed.</param>
    /// <returns>Options that carry the preferences.</returns>
    public EmbeddingGenerationOptions ApplyTo(EmbeddingGenerationOptions? options)
    {
        EmbeddingGenerationOptions result = options?.Clone() ?? new EmbeddingGenerationOptions();
        (result.AdditionalProperties ??= [])[Key] = this;
        return result;
    }
}
