using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Providers.AspNetCore.Tests.Secrets;
using Providers.AspNetCore.Tests.Support;
using Providers.Memory;

namespace Providers.AspNetCore.Tests.BadInputs;

/// <summary>One closed host for the whole table: two tenants, a memory, a record of what it logs.</summary>
public sealed class BadInputHost : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bad-").FullName;

    internal GatewayHost Host { get; private set; } = null!;

    internal Recording Recording { get; } = new();

    public string Acme { get; private set; } = "";

    public string Other { get; private set; } = "";

    public IMemoryStore Store => Host.Services.GetRequiredService<IMemoryStore>();

    public async ValueTask InitializeAsync()
    {
        Host = await FullHost.StartAsync(environment: "Production", configure: o =>
        {
            o.Authentication.KeyFile = Path.Combine(_folder, "keys.json");
            o.Limits.RequestsPerMinute = null;
            o.Limits.TenantRequestsPerMinute = null;
        }, build: b =>
        {
            b.Logging.AddProvider(Recording).SetMinimumLevel(LogLevel.Trace);
            b.WebHost.ConfigureKestrel(static k => k.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5)));
        });
        IApiKeyStore keys = Host.Services.GetRequiredService<IApiKeyStore>();
        (Acme, _) = await ApiKeyIssuer.IssueAsync(keys, "acme", GatewayScopes.All);
        (Other, _) = await ApiKeyIssuer.IssueAsync(keys, "other", GatewayScopes.All);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Recording.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Sends a request as tenant acme and insists that it is no failure of ours.</summary>
    internal async Task<Reply> SendAsync(string method, string path, byte[]? body = null, string? type = "application/json", Action<HttpRequestMessage>? change = null, string? key = null)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? Acme);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (type is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }
        }

        change?.Invoke(request);
        using HttpResponseMessage response = await Host.Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).Should().BeLessThan(500, $"{method} {path}: {text}");
        if ((int)response.StatusCode >= 400 && response.Content.Headers.ContentLength > 0)
        {
            response.Content.Headers.ContentType!.MediaType.Should().BeOneOf("application/problem+json", "application/json");
        }

        return new Reply((int)response.StatusCode, text, response.Headers.ETag?.Tag, response.Headers.TryGetValues("Link", out IEnumerable<string>? links) ? links.Single() : null);
    }

    internal Task<Reply> PostAsync(string path, string body, Action<HttpRequestMessage>? change = null, string? key = null) => SendAsync("POST", path, Encoding.UTF8.GetBytes(body), change: change, key: key);

    internal Task<Reply> StoreAsync(string body, string space = "bad", Action<HttpRequestMessage>? change = null, string? key = null) => PostAsync($"/v1/memories?namespace={space}", body, change, key);

    internal async Task<long> CountAsync(string space = "bad") => (await Store.GetStatsAsync(new MemoryScope("acme", space))).Count;
}

/// <summary>An answer, read whole.</summary>
internal sealed record Reply(int Status, string Text, string? ETag, string? Link)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;
}
