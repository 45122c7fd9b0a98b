using Microsoft.Extensions.AI;

namespace Providers;

/// <summary>A provider failed. The SDK's exception, if any, is the inner one.</summary>
public sealed class ProviderException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="provider">The provider's name; <see langword="null"/> when no provider was involved yet.</param>
    /// <param name="model">The model's id; <see langword="null"/> when unknown.</param>
    /// <param name="innerException">The cause; may be <see langword="null"/>.</param>
    public ProviderException(ProviderFailure failure, string? provider = null, string? model = null, Exception? innerException = null)
        : base(Describe(failure, provider, model), innerException)
    {
        Failure = failure;
        Provider = provider;
        Model = model;
    }

    /// <summary>Gets what happened.</summary>
    public ProviderFailure Failure { get; }

    /// <summary>Gets what happened, in a word.</summary>
    public FailureKind Kind => Failure.Kind;

    /// <summary>Gets the provider's name; <see langword="null"/> when no provider was involved yet.</summary>
    public string? Provider { get; }

    /// <summary>Gets the model's id; <see langword="null"/> when unknown.</summary>
    public string? Model { get; }

    /// <inheritdoc cref="ProviderFailure.IsTransient"/>
    public bool IsTransient => Failure.IsTransient;

    /// <summary>Gets a value indicating whether content of the answer had already been handed to the caller.</summary>
    public bool OutputCommitted { get; init; }

    /// <summary>Gets what had arrived of the answer when it failed.</summary>
    /// <value><see langword="null"/>: nothing.</value>
    public ChatResponse? PartialResponse { get; init; }

    /// <summary>Gets every attempt of the request, in order, this failure's own last.</summary>
    /// <value>Default: empty, where no composite was involved.</value>
    public IReadOnlyList<TargetOutcome> Attempts { get; init; } = [];

    private static string Describe(ProviderFailure failure, string? provider, string? model)
    {
        ArgumentNullException.ThrowIfNull(failure);
        string who = provider is null ? "The request" : model is null ? $"Provider '{provider}'" : $"Provider '{provider}' (model '{model}')";
        string status = failure.Status is { } code ? $", HTTP {code}" : "";
        return $"{who} failed ({failure.Kind}{status}): {failure.Message}";
    }
}
