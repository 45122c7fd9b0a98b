using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.Registration;

/// <summary>Collects what one composite is made of; read when the host builds it.</summary>
internal sealed class CompositeProviderBuilder(string name, IServiceCollection services) : ICompositeProviderBuilder
{
    public string Name { get; } = name;

    public IServiceCollection Services { get; } = services;

    public List<ProviderRegistration> Registrations { get; } = [];

    public List<Action<CompositeOptions>> Configure { get; } = [];

    public Action<ChatClientBuilder>? ChatPipeline { get; set; }

    public Func<IServiceProvider, IConfiguration?>? Section { get; set; }

    public ulong? Seed { get; set; }

    public ICompositeProviderBuilder AddProvider(ProviderRegistration registration)
    {
        ArgumentNullException.ThrowIfNull(registration);
        Registrations.Add(registration);
        return this;
    }
}
