using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Providers.Memory;
using Providers.Orchestration;
using Providers.Orchestration.Tools;
using Providers.Tools;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds workflows to a host.</summary>
public static class OrchestrationServiceCollectionExtensions
{
    /// <summary>Adds <see cref="IWorkflowEngine"/>, kept in the host's <see cref="IMemoryStore"/>. Calling it again changes only the options.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not.</param>
    /// <returns>The same services.</returns>
    /// <remarks>
    /// One engine runs on one store at a time. The handlers <c>chat</c>, <c>embed</c>, <c>memory.store</c> and <c>memory.search</c> use the host's
    /// <see cref="IChatClient"/>, embedding generator and <see cref="IMemoryService"/>, which are asked for when a step first needs them.
    /// </remarks>
    public static IServiceCollection AddOrchestration(this IServiceCollection services, Action<WorkflowOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSteps();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.AddLocalEngine();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IToolset, OrchestrationToolset>(static s => new OrchestrationToolset(
            s.GetRequiredService<IWorkflowEngine>(), s.GetRequiredService<IMemoryStore>(), Capabilities.Of(s), s.GetRequiredService<IOptions<WorkflowOptions>>().Value, s.GetRequiredService<EngineSurroundings>())));
        return services;
    }

    /// <summary>Registers a handler; the last registration of a name counts.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The name that steps use; 1 to 64 characters.</param>
    /// <param name="create">Makes the handler, when a step first needs it.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddWorkflowStep(this IServiceCollection services, string name, Func<IServiceProvider, IWorkflowStep> create)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, 64);
        ArgumentNullException.ThrowIfNull(create);
        return services.AddSingleton(new StepRegistration(name, create));
    }
}
