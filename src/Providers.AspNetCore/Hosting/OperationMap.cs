using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Pipeline;

namespace Providers.AspNetCore.Hosting;

/// <summary>Maps operations to routes; each endpoint carries its operation, so that the document is made from what is mapped.</summary>
internal static class OperationMap
{
    public static GatewayServices ServicesOf(IEndpointRouteBuilder endpoints) => endpoints.ServiceProvider.GetService<GatewayServices>()
        ?? throw new InvalidOperationException("The REST door's services are missing. Call builder.Services.AddProvidersGateway() before the application is built.");

    public static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, IEnumerable<Operation> operations)
    {
        GatewayServices services = ServicesOf(endpoints);
        RouteGroupBuilder group = endpoints.MapGroup("");
        foreach (Operation operation in operations)
        {
            group.MapMethods(operation.Path, [operation.Method], new Door(operation, services).InvokeAsync).WithMetadata(operation).WithDisplayName(operation.Id);
        }

        return group;
    }
}
