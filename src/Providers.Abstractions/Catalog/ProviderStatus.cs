namespace Providers;

/// <summary>One provider at one moment. Immutable.</summary>
/// <param name="Descriptor">What the provider is.</param>
/// <param name="Health">How it is doing.</param>
public sealed record ProviderStatus(ProviderDescriptor Descriptor, ProviderHealth Health)
{
    /// <summary>Gets one sentence of the last probe or failure.</summary>
    public string? HealthDetail { get; init; }

    /// <summary>Gets a value indicating whether the provider takes no new requests.</summary>
    public bool IsDraining { get; init; }

    /// <summary>Gets the number of attempts under way.</summary>
    public int InFlight { get; init; }

    /// <summary>Gets the provider's targets.</summary>
    public IReadOnlyList<TargetStatus> Targets { get; init; } = [];
}
