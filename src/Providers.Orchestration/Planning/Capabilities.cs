using Microsoft.Extensions.DependencyInjection;

namespace Providers.Orchestration;

/// <summary>What something in the host can do: a handler by its name, or a capability of a model.</summary>
internal static class Capabilities
{
    public static Func<string, bool> Of(IServiceProvider services)
    {
        StepRegistry steps = services.GetRequiredService<StepRegistry>();
        IProviderCatalog? catalog = services.GetService<IProviderCatalog>();
        return name => steps.Has(name) || (Enum.TryParse(name, ignoreCase: true, out ModelCapabilities wanted) && wanted is not ModelCapabilities.None
            && catalog?.GetProviders().Any(p => p.Descriptor.Models.Any(m => m.Capabilities.HasFlag(wanted))) is true);
    }
}
