namespace Providers;

/// <summary>One failure, normalised: whatever the SDK threw, policy reads this. Immutable.</summary>
public sealed record ProviderFailure
{
    /// <summary>Creates a failure.</summary>
    /// <param name="kind">What happened.</param>
    /// <param name="message">One sentence that may be shown to an operator: no prompt, no key.</param>
    public ProviderFailure(FailureKind kind, string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Kind = kind;
        Message = message;
    }

    /// <summary>Gets what happened.</summary>
    public FailureKind Kind { get; }

    /// <summary>Gets the provider's own message, or ours where it gave none.</summary>
    public string Message { get; }

    /// <summary>Gets how long the provider asks to be left alone, counted from the failure.</summary>
    /// <value><see langword="null"/>: it did not say.</value>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets the HTTP status.</summary>
    /// <value><see langword="null"/>: there was no answer, or no HTTP.</value>
    public int? Status { get; init; }

    /// <summary>Gets the provider's own error code or type, as it spells it.</summary>
    public string? Code { get; init; }

    /// <summary>Gets the provider's id of the request, for its support desk.</summary>
    public string? RequestId { get; init; }

    /// <summary>Gets what the request needs and this server lacks.</summary>
    /// <value><see cref="ModelCapabilities.None"/> unless <see cref="Kind"/> is <see cref="FailureKind.BadRequest"/> for a missing capability.</value>
    public ModelCapabilities MissingCapability { get; init; }

    /// <summary>Gets the prompt's length in tokens, where the server counted it.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>Gets the context window in tokens, where the server named it.</summary>
    public int? ContextWindow { get; init; }

    /// <summary>Gets a value indicating whether the same request may succeed later at the same provider.</summary>
    public bool IsTransient => Kind is FailureKind.Transient or FailureKind.RateLimited or FailureKind.Overloaded
        or FailureKind.ModelLoading or FailureKind.TimedOut or FailureKind.ConnectionLost;
}
