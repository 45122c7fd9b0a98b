using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore;

namespace Providers.Samples.Host;

/// <summary>The host's own verb for API keys: keys issue TENANT SCOPE..., keys list, keys revoke ID.</summary>
internal static class Keys
{
    public static async Task<int> RunAsync(string[] args, string file)
    {
        await using ServiceProvider services = new ServiceCollection().AddProvidersGateway(o => o.Authentication.KeyFile = file).BuildServiceProvider();
        IApiKeyStore store = services.GetRequiredService<IApiKeyStore>();
        switch (args)
        {
            case ["issue", string tenant, .. string[] scopes] when scopes.Length > 0:
                GatewayScopes all = scopes.Aggregate(GatewayScopes.None, static (sum, name) => sum | Enum.Parse<GatewayScopes>(name.Replace(":", "", StringComparison.Ordinal), ignoreCase: true));
                (string secret, ApiKey key) = await ApiKeyIssuer.IssueAsync(store, tenant, all);
                Console.WriteLine(secret);
                Console.Error.WriteLine($"Issued {key} with {string.Join(", ", scopes)} into {file}. It is shown this once.");
                return 0;
            case ["list"]:
                foreach (ApiKey kept in store.List())
                {
                    Console.WriteLine($"{kept.Id}  {kept.Tenant}  {kept.Scopes}  {(kept.IsActive(DateTimeOffset.UtcNow) ? "active" : "ended")}");
                }

                return 0;
            case ["revoke", string id]:
                bool found = await ApiKeyIssuer.RevokeAsync(store, id);
                Console.Error.WriteLine(found ? $"Revoked {id}." : $"There is no key {id} in {file}.");
                return found ? 0 : 1;
            default:
                Console.Error.WriteLine("usage: keys issue TENANT SCOPE... | keys list | keys revoke ID; scopes are chat, embeddings, memory:read, memory:write, admin");
                return 2;
        }
    }
}
