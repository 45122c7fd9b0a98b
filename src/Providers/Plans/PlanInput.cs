using Microsoft.Extensions.Configuration;

namespace Providers.Plans;

/// <summary>What a composite was registered with: the section, the providers added in code, and the adapters that read sections.</summary>
internal sealed class PlanInput(IConfiguration? section, IReadOnlyList<ProviderRegistration> registrations, IReadOnlyList<IProviderFactory> factories)
{
    public IConfiguration? Section { get; } = section;

    public IReadOnlyList<ProviderRegistration> Registrations { get; } = registrations;

    public IReadOnlyList<IProviderFactory> Factories { get; } = factories;

    /// <summary>Gets where the section stands in the configuration, for messages.</summary>
    public string Root => (Section as IConfigurationSection)?.Path ?? "Providers";

    public bool IsEmpty => Registrations.Count == 0 && (Section is null || !Section.GetChildren().Any());
}
