using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Documents;
using Providers.AspNetCore.Pipeline;

namespace Providers.AspNetCore.Admin;

/// <summary>The operators' endpoints; those of the catalogue are left out where the host has none.</summary>
internal static class AdminOperations
{
    private static readonly ParameterDocs s_provider = new("id", "path", "The provider's name.") { Required = true, Example = "{provider}" };
    private static readonly ParameterDocs s_route = new("name", "path", "The route's name.") { Required = true, Example = "{route}" };

    private static readonly (CanaryAction Action, string Verb, string Summary)[] s_canary =
    [
        (CanaryAction.Promote, "promote", "Gives the route's canary all of its requests."),
        (CanaryAction.Abort, "abort", "Takes the route's canary out at once."),
        (CanaryAction.Pause, "pause", "Keeps the route's canary at its share."),
        (CanaryAction.Resume, "resume", "Lets the route's canary go on."),
        (CanaryAction.Restart, "restart", "Begins the route's canary anew."),
    ];

    private static readonly ParameterDocs s_key = new("id", "path", "The key's id, its eight characters after ms_live_.") { Required = true, Example = "{key}" };

    public static IEnumerable<Operation> Create(IServiceProvider services)
    {
        if (services.GetService<IProviderCatalog>() is { } catalog)
        {
            ProvidersEndpoint providers = new(catalog);
            yield return Of("listProviders", "GET", "/v1/providers", providers.ListAsync, "Lists the providers with health, circuits and live numbers.", AdminJson.Default.ProviderListView);
            yield return Of("getProvider", "GET", "/v1/providers/{id}", providers.GetAsync, "Shows one provider.", AdminJson.Default.ProviderView, [s_provider]);
            yield return Verb("drainProvider", "drain", providers.DrainAsync, "Lets a provider finish what it has and gives it nothing new.", 202);
            yield return Verb("isolateProvider", "isolate", providers.IsolateAsync, "Opens the circuits of a provider, or of one of its models, until it is enabled.");
            yield return Verb("enableProvider", "enable", providers.EnableAsync, "Ends a drain or an isolation.");
            yield return Of("listRoutes", "GET", "/v1/routes", providers.RoutesAsync, "Lists the routes, and says where a request would go and why.", AdminJson.Default.RouteListView);
            yield return Of("getRoute", "GET", "/v1/routes/{name}", providers.RouteAsync, "Says where a request of this route would go and why.", AdminJson.Default.RouteView,
                [s_route]);
            foreach ((CanaryAction action, string verb, string summary) in s_canary)
            {
                Operation canary = Of($"{verb}Canary", "POST", $"/v1/routes/{{name}}:{verb}", x => providers.CanaryAsync(x, action), summary, AdminJson.Default.RouteView, [s_route with { Example = "{canary}" }]);
                yield return canary with { Docs = canary.Docs with { ErrorCodes = ["not_found", "conflict"] } };
            }
        }

        ApiKeysEndpoint keys = new(services.GetRequiredService<IApiKeyStore>());
        Operation issue = Of("issueApiKey", "POST", "/v1/api-keys", keys.IssueAsync, "Issues an API key; the answer is the only place where it stands whole.", AdminJson.Default.IssuedKeyView);
        yield return issue with
        {
            Docs = issue.Docs with
            {
                Tag = "API keys",
                Status = 201,
                Request = AdminJson.Default.ApiKeyRequest,
                RequestExample = """{"tenant":"acme","scopes":["chat","memory:read"],"name":"web"}""",
            },
        };
        yield return Tagged(Of("listApiKeys", "GET", "/v1/api-keys", keys.ListAsync, "Lists the keys, revoked ones too.", AdminJson.Default.ApiKeyListView));
        Operation rotate = Tagged(Of("rotateApiKey", "POST", "/v1/api-keys/{id}:rotate", keys.RotateAsync, "Issues a successor of a key, which goes on for a while.", AdminJson.Default.IssuedKeyView, [s_key]));
        yield return rotate with { Docs = rotate.Docs with { Status = 201, Request = AdminJson.Default.RotateRequest, RequestExample = """{"overlap_seconds":3600}""" } };
        Operation revoke = Tagged(Of("revokeApiKey", "DELETE", "/v1/api-keys/{id}", keys.RevokeAsync, "Revokes a key.", null, [s_key]));
        yield return revoke with { Docs = revoke.Docs with { Status = 204 } };
    }

    private static Operation Tagged(Operation operation) => operation with { Docs = operation.Docs with { Tag = "API keys" } };

    private static Operation Verb(string id, string verb, Func<Exchange, Task> handler, string summary, int status = 200)
    {
        Operation operation = Of(id, "POST", $"/v1/providers/{{id}}:{verb}", handler, summary, AdminJson.Default.ProviderView, [s_provider]);
        return operation with
        {
            Docs = operation.Docs with
            {
                Status = status,
                Request = verb == "drain" ? null : AdminJson.Default.ProviderVerbRequest,
                RequestExample = verb == "drain" ? null : """{"model":null}""",
            },
        };
    }

    private static Operation Of(string id, string method, string path, Func<Exchange, Task> handler, string summary, JsonTypeInfo? response, IReadOnlyList<ParameterDocs>? parameters = null) =>
        new(id, method, path, GatewayScopes.Admin, handler)
        {
            Limited = false,
            Docs = new OperationDocs("Providers", summary) { Response = response, Parameters = parameters ?? [], ErrorCodes = parameters is null ? [] : ["not_found"] },
        };
}
