using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.OpenAI;

/// <summary>GET /v1/models: every name that a request may give, routes first, then models, then each model of each provider.</summary>
internal sealed class ModelsEndpoint(IProviderCatalog? catalog, IChatClient? client)
{
    public Task ListAsync(Exchange exchange)
    {
        List<WireModel> models = [.. All(exchange)];
        return JsonAnswer.SendAsync(exchange, new ModelList("list", models), OpenAIJson.Default.ModelList);
    }

    public Task GetAsync(Exchange exchange)
    {
        // Clients escape the slash of a name, and the server leaves just that as it is.
        string id = exchange.Request.RouteValues["id"] is string name ? name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase) : "";
        WireModel model = All(exchange).FirstOrDefault(m => m.Id == id) ?? throw new ApiException("model_not_found", "There is no such model or route.", "model");
        return JsonAnswer.SendAsync(exchange, model, OpenAIJson.Default.WireModel);
    }

    private IEnumerable<WireModel> All(Exchange exchange)
    {
        long created = exchange.Services.Clock.GetUtcNow().ToUnixTimeSeconds();
        return Names().DistinctBy(static n => n.Id).Select(n => new WireModel(n.Id, "model", created, n.Owner));
    }

    private IEnumerable<(string Id, string Owner)> Names()
    {
        if (catalog is null)
        {
            return client?.GetService(typeof(ChatClientMetadata)) is ChatClientMetadata { DefaultModelId: { } id } metadata ? [(id, metadata.ProviderName ?? "host")] : [];
        }

        IReadOnlyList<ProviderStatus> providers = catalog.GetProviders();
        var served = providers.SelectMany(static p => p.Targets.Select(static t => t.Model).OfType<string>()
            .Concat(p.Descriptor.Models.Select(static m => m.Id)).Distinct(StringComparer.Ordinal).Select(m => (Provider: p.Descriptor.Name, Model: m))).ToArray();
        return catalog.GetRoutes().Select(static r => (r.Name, "route"))
            .Concat(served.Select(static s => (s.Model, s.Provider)))
            .Concat(served.Select(static s => ($"{s.Provider}/{s.Model}", s.Provider)));
    }
}
