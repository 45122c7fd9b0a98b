using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.Admin;

/// <summary>What an operator sees and steers: /v1/providers and /v1/routes.</summary>
internal sealed class ProvidersEndpoint(IProviderCatalog catalog)
{
    public Task ListAsync(Exchange exchange) =>
        JsonAnswer.SendAsync(exchange, new ProviderListView([.. catalog.GetProviders().Select(CatalogView.Of)]), AdminJson.Default.ProviderListView);

    public Task GetAsync(Exchange exchange) => JsonAnswer.SendAsync(exchange, Find(exchange), AdminJson.Default.ProviderView);

    public Task RoutesAsync(Exchange exchange)
    {
        IReadOnlyList<ProviderStatus> providers = catalog.GetProviders();
        return JsonAnswer.SendAsync(exchange, new RouteListView([.. catalog.GetRoutes().Select(r => CatalogView.Of(r, providers))]), AdminJson.Default.RouteListView);
    }

    public Task RouteAsync(Exchange exchange)
    {
        RouteStatus route = Route(exchange);
        return JsonAnswer.SendAsync(exchange, CatalogView.Of(route, catalog.GetProviders()), AdminJson.Default.RouteView);
    }

    public async Task DrainAsync(Exchange exchange)
    {
        string name = Find(exchange).Name;
        Task drained = catalog.DrainAsync(name, CancellationToken.None);
        _ = drained.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        await JsonAnswer.SendAsync(exchange, Find(exchange), AdminJson.Default.ProviderView, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    public Task IsolateAsync(Exchange exchange) => VerbAsync(exchange, catalog.Isolate);

    public Task EnableAsync(Exchange exchange) => VerbAsync(exchange, catalog.Enable);

    public Task CanaryAsync(Exchange exchange, CanaryAction action)
    {
        string name = Route(exchange).Name;
        try
        {
            catalog.ControlCanary(name, action);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new ApiException(new ApiError("conflict", "The route has no canary with which this could be done now."), e);
        }

        return RouteAsync(exchange);
    }

    private async Task VerbAsync(Exchange exchange, Action<string, string?> verb)
    {
        string name = Find(exchange).Name;
        string? model = (await JsonBody.ReadAnyAsync(exchange, AdminJson.Default.ProviderVerbRequest).ConfigureAwait(false))?.Model;
        try
        {
            verb(name, model);
        }
        catch (ArgumentException e)
        {
            throw new ApiException(new ApiError("not_found", "The provider has no such model.") { Parameter = "model", Errors = [new ApiErrorItem("/model", "No such model.")] }, e);
        }

        await JsonAnswer.SendAsync(exchange, Find(exchange), AdminJson.Default.ProviderView).ConfigureAwait(false);
    }

    private RouteStatus Route(Exchange exchange)
    {
        string name = exchange.Route("name");
        return catalog.GetRoutes().FirstOrDefault(r => r.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new ApiException("not_found", "There is no such route.");
    }

    private ProviderView Find(Exchange exchange)
    {
        string id = exchange.Route("id");
        ProviderStatus? status = catalog.GetProviders().FirstOrDefault(p => p.Descriptor.Name.Equals(id, StringComparison.OrdinalIgnoreCase));
        return status is null ? throw new ApiException("not_found", "There is no such provider.") : CatalogView.Of(status);
    }
}
