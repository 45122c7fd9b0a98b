using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore;
using Providers.AspNetCore.Admin;
using Providers.AspNetCore.Documents;
using Providers.AspNetCore.Health;
using Providers.AspNetCore.Hosting;
using Providers.AspNetCore.Memories;
using Providers.AspNetCore.OpenAI;
using Providers.AspNetCore.Status;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Opens the REST door.</summary>
public static class GatewayEndpointRouteBuilderExtensions
{
    /// <summary>Maps the OpenAI-compatible endpoints, the operators' API, health and the status page.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <returns>A builder of conventions for all of them.</returns>
    /// <exception cref="InvalidOperationException"><c>AddProvidersGateway</c> was not called, or the door would be open outside Development.</exception>
    public static IEndpointConventionBuilder MapProviders(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        IServiceProvider services = endpoints.ServiceProvider;
        GatewayOptions options = OperationMap.ServicesOf(endpoints).Options;
        return OperationMap.Map(endpoints,
        [
            .. OpenAIOperations.Create(services),
            .. AdminOperations.Create(services),
            .. HealthOperations.Create(services),
            .. ProblemCatalogueEndpoint.Create(),
            .. options.StatusPage ? StatusOperations.Create(services) : [],
            .. options.OpenApi ? OpenApiEndpoint.Create(endpoints) : [],
        ]);
    }

    /// <summary>Maps the memory API over the host's <c>IMemoryService</c>.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <returns>A builder of conventions for all of them.</returns>
    /// <exception cref="InvalidOperationException"><c>AddProvidersGateway</c> or <c>AddMemory</c> was not called, or the door would be open outside Development.</exception>
    public static IEndpointConventionBuilder MapMemory(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        OperationMap.ServicesOf(endpoints);
        return OperationMap.Map(endpoints, MemoryOperations.Create(endpoints.ServiceProvider));
    }
}
