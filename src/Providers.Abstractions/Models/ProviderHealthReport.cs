namespace Providers;

/// <summary>What one health probe found. Immutable.</summary>
/// <param name="Health">The verdict.</param>
/// <param name="Detail">One sentence for an operator, without secrets; <see langword="null"/> when there is nothing to add.</param>
/// <param name="LoadedModels">The ids of the models that are in memory; <see langword="null"/> when the server does not tell.</param>
public sealed record ProviderHealthReport(
    ProviderHealth Health,
    string? Detail = null,
    IReadOnlyList<string>? LoadedModels = null);
