using Microsoft.Extensions.Configuration;

namespace Providers;

/// <summary>Makes providers of one kind from configuration. An adapter package has one; a host registers more as services.</summary>
public interface IProviderFactory
{
    /// <summary>Gets the kind, as <c>Kind</c> in configuration spells it; compared without case.</summary>
    string Kind { get; }

    /// <summary>Reads a provider's section.</summary>
    /// <param name="name">The provider's name.</param>
    /// <param name="section">Its section.</param>
    /// <returns>The registration, with every error of the section.</returns>
    ProviderRegistration FromConfiguration(string name, IConfigurationSection section);

    /// <summary>Says what is to be had on this machine without any configuration.</summary>
    /// <param name="environment">Reads an environment variable; <see langword="null"/> when it is not set.</param>
    /// <returns>The registration; <see langword="null"/> when there is nothing to look for.</returns>
    ProviderRegistration? FromEnvironment(Func<string, string?> environment);
}
