using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using ModelContextProtocol;
using Providers.Mcp.Tests.Support;

namespace Providers.Mcp.Tests.Http;

/// <summary>Tokens: whose open the door, to which tenant, for which tools.</summary>
public sealed class BearerTests : IDisposable
{
    private const string List = """{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}""";
    private readonly TokenIssuer _issuer = new();
    private readonly RSA _other = RSA.Create(2048);

    public void Dispose()
    {
        _issuer.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task WithoutAToken_TheChallengeSaysWhereToGetOne()
    {
        await using HttpHost host = await StartAsync();
        using HttpClient http = new();
        using HttpResponseMessage refused = await http.PostAsync(host.Endpoint, new StringContent(List, Encoding.UTF8, "application/json"));
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        string challenge = refused.Headers.WwwAuthenticate.ToString();
        challenge.Should().Contain("Bearer").And.Contain("resource_metadata=");
        JsonNode metadata = JsonNode.Parse(await http.GetStringAsync(new Uri(host.Endpoint, "/.well-known/oauth-protected-resource/mcp")))!;
        metadata["resource"]!.GetValue<string>().Should().Be(TokenIssuer.Resource);
        metadata["authorization_servers"]![0]!.GetValue<string>().TrimEnd('/').Should().Be(TokenIssuer.Authority);
        metadata["scopes_supported"]!.AsArray().Select(static s => s!.GetValue<string>()).Should().Equal("memory:read", "provider:read");
    }

    [Fact]
    public async Task Tokens_OfOthersOrOutOfTime_AreRefused()
    {
        await using HttpHost host = await StartAsync();
        (await SendAsync(host, _issuer.Token())).Should().Be(HttpStatusCode.OK);
        (await SendAsync(host, _issuer.Token(audience: "https://other.example.com"))).Should().Be(HttpStatusCode.Unauthorized, "made out for somebody else");
        (await SendAsync(host, _issuer.Token(issuer: "https://evil.example.com"))).Should().Be(HttpStatusCode.Unauthorized);
        (await SendAsync(host, _issuer.Token(key: new RsaSecurityKey(_other)))).Should().Be(HttpStatusCode.Unauthorized, "signed by somebody else");
        (await SendAsync(host, _issuer.Token(expires: DateTime.UtcNow.AddMinutes(-2)))).Should().Be(HttpStatusCode.Unauthorized);
        (await SendAsync(host, _issuer.Token(expires: DateTime.UtcNow.AddSeconds(-10)))).Should().Be(HttpStatusCode.OK, "within the skew of clocks");
        (await SendAsync(host, Unsigned())).Should().Be(HttpStatusCode.Unauthorized);
        (await SendAsync(host, SignedWithThePublicKey())).Should().Be(HttpStatusCode.Unauthorized);
        (await SendAsync(host, "x.y.z")).Should().Be(HttpStatusCode.Unauthorized);
        (await HttpTests.SendAsync(host, List, token: "Basic dXNlcjpwYXNz")).Should().Be(HttpStatusCode.Unauthorized);
        (await HttpTests.SendAsync(host, List, token: "Bearer ")).Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Tenant_ComesFromTheToken_AndNothingOfAnothersIsSeen()
    {
        await using HttpHost host = await StartAsync();
        await using McpClient acme = await host.ConnectAsync(token: _issuer.Token());
        await using McpClient umbrella = await host.ConnectAsync(token: _issuer.Token(tenants: ["umbrella"]));
        string id = (await acme.GoodAsync("memory_store", """{"text":"a secret of acme"}""")).GetProperty("id").GetString()!;
        (await umbrella.CallAsync("memory_get", $$"""{"id":"{{id}}"}""")).CodeOf().Should().Be("not_found");
        (await umbrella.GoodAsync("memory_search", """{"query":"secret of acme"}""")).GetProperty("items").GetArrayLength().Should().Be(0);
        (await umbrella.GoodAsync("memory_stats")).GetProperty("count").GetInt32().Should().Be(0);
        (await acme.GoodAsync("memory_get", $$"""{"id":"{{id}}"}""")).GetProperty("memory").GetProperty("id").GetString().Should().Be(id);
        host.Host.Logs.GetSnapshot().Should().Contain(static r => r.Category == "Providers.Mcp.Audit" && r.Message.Contains("tenant umbrella, principal user-1: not_found"));
    }

    [Theory]
    [InlineData()]
    [InlineData("acme", "umbrella")]
    [InlineData("a/b")]
    [InlineData("providers.orchestration")]
    public async Task Token_WithoutOneTenant_MayNothing(params string[] tenants)
    {
        await using HttpHost host = await StartAsync();
        await using McpClient client = await host.ConnectAsync(token: _issuer.Token(tenants: tenants));
        (await client.CallAsync("memory_stats")).CodeOf().Should().Be("permission_denied");
    }

    [Fact]
    public async Task Scopes_AreAskedOfEachTool()
    {
        await using HttpHost host = await StartAsync();
        await using McpClient client = await host.ConnectAsync(token: _issuer.Token(scope: "memory:read"));
        await client.GoodAsync("memory_stats");
        foreach ((string tool, string scope) in ((string, string)[])[("memory_store", "memory:write"), ("chat", "llm:invoke"), ("provider_status", "provider:read")])
        {
            CallToolResult refused = await client.CallAsync(tool, Tools.ToolTable.Expand(Tools.ToolTable.Good[tool], "x"));
            refused.CodeOf().Should().Be("permission_denied");
            refused.TextOf().Should().Be($"{tool} needs the scope {scope}, which the caller does not have.");
        }
    }

    [Fact]
    public async Task Scopes_AreAskedOfWhatIsNoToolToo()
    {
        await using HttpHost host = await StartAsync();
        await using McpClient writer = await host.ConnectAsync(token: _issuer.Token(scope: "memory:read memory:write provider:read"));
        await writer.GoodAsync("memory_store", """{"text":"x","namespace":"payroll","tags":["secret-project"]}""");
        await using McpClient client = await host.ConnectAsync(new McpClientOptions { ProtocolVersion = "2025-11-25" }, _issuer.Token(scope: "llm:invoke"));
        (await writer.ListResourcesAsync()).Select(static r => r.Uri).Should().Contain("memory://payroll");
        (await client.ListResourcesAsync()).Select(static r => r.Uri).Should().NotContain("memory://payroll");
        foreach ((Reference of, string name, string typed, string hidden) in ((Reference, string, string, string)[])
        [
            (new ResourceTemplateReference { Uri = "memory://{namespace}" }, "namespace", "pay", "payroll"),
            (new ResourceTemplateReference { Uri = "providers://routes/{route}" }, "route", "ta", "talk"),
        ])
        {
            (await writer.CompleteAsync(of, name, typed)).Completion.Values.Should().Equal(hidden);
            (await client.CompleteAsync(of, name, typed)).Completion.Values.Should().BeEmpty();
        }

        CompleteContext payroll = new() { Arguments = new Dictionary<string, string> { ["namespace"] = "payroll" } };
        (await writer.CompleteAsync(new CompleteRequestParams { Ref = new PromptReference { Name = "recall" }, Argument = new Argument { Name = "tag", Value = "se" }, Context = payroll })).Completion.Values.Should().Equal("secret-project");
        (await client.CompleteAsync(new CompleteRequestParams { Ref = new PromptReference { Name = "recall" }, Argument = new Argument { Name = "tag", Value = "se" }, Context = payroll })).Completion.Values.Should().BeEmpty();
        (await FluentActions.Awaiting(() => client.SubscribeToResourceAsync("memory://payroll")).Should().ThrowAsync<McpProtocolException>()).Which.Message.Should().Contain("Subscribing to memories needs the scope memory:read");
    }

    [Fact]
    public async Task Listening_AsksForATenantAndAScope_LikeEverythingElse()
    {
        await using HttpHost host = await StartAsync();
        Mcp.Resources.ResourceWatch watch = host.Services.GetRequiredService<Mcp.Resources.ResourceWatch>();
        JsonObject wish = new() { ["notifications"] = new JsonObject { ["resourceSubscriptions"] = new JsonArray("memory://default") } };
        await using McpClient nobody = await host.ConnectAsync(token: _issuer.Token(tenants: []));
        McpProtocolException refused = (await FluentActions.Awaiting(() => nobody.SendRequestAsync(new JsonRpcRequest { Method = "subscriptions/listen", Params = wish.DeepClone() })).Should().ThrowAsync<McpProtocolException>()).Which;
        refused.Message.Should().Contain("must name one tenant");
        await using McpClient client = await host.ConnectAsync(token: _issuer.Token(scope: "llm:invoke"));
        await using Watch watched = await Watch.StartAsync(client, "memory://default");
        watch.Count.Should().Be(0, "it is acknowledged as watching nothing");
    }

    private static Task<HttpStatusCode> SendAsync(HttpHost host, string token) => HttpTests.SendAsync(host, List, token: $"Bearer {token}");

    private Task<HttpHost> StartAsync() => HttpHost.StartAsync(more: _issuer.Guard);

    private string Unsigned()
    {
        string payload = _issuer.Token().Split('.')[1];
        return $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{payload}.";
    }

    private string SignedWithThePublicKey()
    {
        string payload = _issuer.Token().Split('.')[1];
        string head = Base64UrlEncoder.Encode("""{"alg":"HS256","typ":"JWT"}""");
        byte[] signature = HMACSHA256.HashData(Encoding.ASCII.GetBytes(_issuer.PublicKey), Encoding.ASCII.GetBytes($"{head}.{payload}"));
        return $"{head}.{payload}.{Base64UrlEncoder.Encode(signature)}";
    }
}
