using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore;

namespace Providers.Samples.Host;

/// <summary>The host's own verb for API keys: keys issue TENANT SCOPE..., keys list, keys revoke ID.</summary>
internal static class Keys
{
    private const string Usual = "keys.json";

    /// <param name="configured">The host's key file; <see langword="null"/>: it has none yet.</param>
    public static async Task<int> RunAsync(string[] args, string? configured)
    {
        string file = configured ?? Usual;
        await using ServiceProvider services = new ServiceCollection().AddProvidersGateway(o => o.Authentication.KeyFile = file).BuildServiceProvider();
        IApiKeyStore store = services.GetRequiredService<IApiKeyStore>();
        switch (args)
        {
            case ["issue", string tenant, .. string[] scopes] when scopes.Length > 0:
                GatewayScopes all = scopes.Aggregate(GatewayScopes.None, static (sum, name) => sum | Enum.Parse<GatewayScopes>(name.Replace(":", "", StringComparison.Ordinal), ignoreCase: true));
                (string secret, ApiKey key) = await ApiKeyIssuer.IssueAsync(store, tenant, all);
                Console.WriteLine(secret);
                Console.Error.WriteLine($"Issued {key} with {string.Join(", ", scopes)} into {file}. It is shown this once.");
                if (configured is null)
                {
                    Console.Error.WriteLine($"Start the host with Gateway__Authentication__KeyFile={file}, or it will not look there.");
                }

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
