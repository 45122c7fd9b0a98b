using Microsoft.Extensions.DependencyInjection;

namespace Providers;

/// <summary>Collects the providers of one composite. Adapter packages add their <c>AddX</c> methods to it.</summary>
public interface ICompositeProviderBuilder
{
    /// <summary>Gets the composite's name: empty for the default one, else its service key.</summary>
    string Name { get; }

    /// <summary>Gets the host's services.</summary>
    IServiceCollection Services { get; }

    /// <summary>Adds a provider.</summary>
    /// <param name="registration">The provider's name and how to make it.</param>
    /// <returns>The same builder.</returns>
    ICompositeProviderBuilder AddProvider(ProviderRegistration registration);
}
