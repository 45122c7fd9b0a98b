using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.Auth;

/// <summary>Who gets in, over a socket.</summary>
public sealed class DoorTests : IDisposable
{
    private const string Chat = """{"messages":[{"role":"user","content":"Hello"}]}""";
    private readonly string _folder = Directory.CreateTempSubdirectory("door-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Start_OpenOutsideDevelopment_IsRefused()
    {
        Func<Task> start = async () => { await using GatewayHost host = await GatewayHost.StartAsync(environment: "Production"); };
        (await start.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*Development alone*Authentication:KeyFile*");
        Func<Task> forced = async () => { await using GatewayHost host = await GatewayHost.StartAsync(environment: "Staging", configure: static o => o.Authentication.Open = true); };
        (await forced.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*Staging*Authentication:Open*");
    }

    [Fact]
    public async Task Refusals_OfEverySort_HaveTheSameBody()
    {
        await using GatewayHost host = await ClosedAsync();
        IApiKeyStore store = host.Services.GetRequiredService<IApiKeyStore>();
        (string good, _) = await ApiKeyIssuer.IssueAsync(store, "acme", GatewayScopes.Chat);
        (string revoked, ApiKey key) = await ApiKeyIssuer.IssueAsync(store, "acme", GatewayScopes.Chat);
        await ApiKeyIssuer.RevokeAsync(store, key.Id);
        (string other, _) = await ApiKeyIssuer.IssueAsync(new Providers.AspNetCore.Auth.FileApiKeyStore(null), "acme", GatewayScopes.Chat);
        List<string> bodies = [];
        foreach (string? header in (string?[])[null, "Basic YTpi", "Bearer", "Bearer ", $"Bearer {good[..^1]}", $"Bearer {revoked}", $"Bearer {other}", "Bearer eyJhbGciOiJub25lIn0.e30."])
        {
            using HttpResponseMessage response = await host.PostAsync("/v1/chat/completions", Chat, r => { if (header is not null) { r.Headers.TryAddWithoutValidation("Authorization", header); } });
            response.StatusCode.Should().Be(HttpStatusCode.Unauthorized, header);
            response.Headers.WwwAuthenticate.ToString().Should().Be("Bearer error=\"invalid_token\"");
            bodies.Add(await response.Content.ReadAsStringAsync());
        }

        bodies.Distinct().Should().ContainSingle();
        host.Provider.Chat.Requests.Should().BeEmpty("nothing reached a model");
        using HttpResponseMessage served = await host.PostAsync("/v1/chat/completions", Chat, r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", good));
        served.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Keys_WithoutTheScope_AreForbiddenAndToldWhichIsNeeded()
    {
        await using GatewayHost host = await ClosedAsync();
        (string chat, _) = await ApiKeyIssuer.IssueAsync(host.Services.GetRequiredService<IApiKeyStore>(), "acme", GatewayScopes.Chat);
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/providers") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", chat) } };
        using HttpResponseMessage response = await host.Client.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        problem.RootElement.GetProperty("code").GetString().Should().Be("forbidden");
        problem.RootElement.GetProperty("detail").GetString().Should().Contain("admin");
    }

    [Fact]
    public async Task Key_OfATenantOfTheSuite_MayNothing()
    {
        await using GatewayHost host = await ClosedAsync();
        IApiKeyStore store = host.Services.GetRequiredService<IApiKeyStore>();
        (string secret, ApiKey key) = await ApiKeyIssuer.IssueAsync(store, "acme", GatewayScopes.Chat);
        await store.SaveAsync(key with { Tenant = "providers.orchestration" }); // as a store of the host's own might hold it
        using HttpResponseMessage response = await host.PostAsync("/v1/chat/completions", Chat, r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret));
        response.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await response.Content.ReadAsStringAsync()).Should().Contain("kept for the server's own records");
    }

    /// <summary>A body in chunks has no length, and counts all the same: what is to end at once would live on otherwise.</summary>
    [Fact]
    public async Task ApiKey_RotatedAtOnceByABodyInChunks_EndsAtOnce()
    {
        await using GatewayHost host = await ClosedAsync();
        IApiKeyStore store = host.Services.GetRequiredService<IApiKeyStore>();
        (string admin, _) = await ApiKeyIssuer.IssueAsync(store, "ops", GatewayScopes.Admin);
        (string old, ApiKey key) = await ApiKeyIssuer.IssueAsync(store, "acme", GatewayScopes.Chat);
        using HttpResponseMessage rotated = await host.PostAsync($"/v1/api-keys/{key.Id}:rotate", """{"overlap_seconds":0}""", r =>
        {
            r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", admin);
            r.Headers.TransferEncodingChunked = true;
        });
        rotated.StatusCode.Should().Be(HttpStatusCode.Created);
        using HttpResponseMessage refused = await host.PostAsync("/v1/chat/completions", Chat, r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", old));
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task ApiKeys_OverTheApi_AreIssuedRotatedRevokedAndShownWholeOnce()
    {
        await using GatewayHost host = await ClosedAsync();
        (string admin, _) = await ApiKeyIssuer.IssueAsync(host.Services.GetRequiredService<IApiKeyStore>(), "ops", GatewayScopes.Admin);
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin);
        JsonElement issued = await ReadAsync(await host.PostAsync("/v1/api-keys", """{"tenant":"acme","scopes":["chat"],"name":"web"}"""), HttpStatusCode.Created);
        string secret = issued.GetProperty("key").GetString()!;
        string id = issued.GetProperty("details").GetProperty("id").GetString()!;
        using (HttpResponseMessage served = await host.PostAsync("/v1/chat/completions", Chat, r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret)))
        {
            served.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        (await host.Client.GetStringAsync(new Uri("/v1/api-keys", UriKind.Relative))).Should().Contain(id).And.NotContain(secret[17..60]);
        JsonElement rotated = await ReadAsync(await host.PostAsync($"/v1/api-keys/{id}:rotate", """{"overlap_seconds":60}"""), HttpStatusCode.Created);
        rotated.GetProperty("key").GetString().Should().NotBe(secret);
        using HttpResponseMessage gone = await host.Client.DeleteAsync(new Uri($"/v1/api-keys/{id}", UriKind.Relative));
        gone.StatusCode.Should().Be(HttpStatusCode.NoContent);
        using HttpResponseMessage refused = await host.PostAsync("/v1/chat/completions", Chat, r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret));
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("""{"tenant":"acme","scopes":["root"]}""", "scopes[0]", "/scopes/0")]
    [InlineData("""{"tenant":"a/b","scopes":["chat"]}""", "tenant", "/tenant")]
    [InlineData("""{"tenant":"providers.orchestration","scopes":["chat"]}""", "tenant", "/tenant")]
    [InlineData("""{"tenant":"acme","scopes":[]}""", "scopes", "/scopes")]
    [InlineData("""{"tenant":"acme","scopes":["chat"],"expires_at":"2001-01-01T00:00:00Z"}""", "expires_at", "/expires_at")]
    [InlineData("""{"tenant":"acme","scopes":["chat"],"is_admin":true}""", null, null)]
    [InlineData("""{"scopes":["chat"]}""", null, null)]
    public async Task ApiKeys_AskedForWithNonsense_AreRefusedWithAPointer(string body, string? parameter, string? place)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        JsonElement problem = await ReadAsync(await host.PostAsync("/v1/api-keys", body), HttpStatusCode.BadRequest);
        if (place is not null)
        {
            problem.GetProperty("errors")[0].GetProperty("pointer").GetString().Should().Be(place, parameter);
        }

        host.Services.GetRequiredService<IApiKeyStore>().List().Should().BeEmpty();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        using (response)
        {
            string text = await response.Content.ReadAsStringAsync();
            response.StatusCode.Should().Be(expected, text);
            return JsonDocument.Parse(text).RootElement;
        }
    }

    private Task<GatewayHost> ClosedAsync() => GatewayHost.StartAsync(environment: "Production", configure: o => o.Authentication.KeyFile = Path.Combine(_folder, "keys.json"));
}
