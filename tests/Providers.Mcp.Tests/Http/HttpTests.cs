using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ModelContextProtocol.Server;
using Providers.Mcp.Guard;
using Providers.Mcp.Tests.Support;

namespace Providers.Mcp.Tests.Http;

/// <summary>The door over HTTP: who may come in, and how much may come through.</summary>
public sealed class HttpTests
{
    private const string List = """{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}""";

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2025-06-18")]
    [InlineData("2026-07-28")]
    public async Task Client_DrivesTheServer(string version)
    {
        await using HttpHost host = await HttpHost.StartAsync();
        await using McpClient client = await host.ConnectAsync(new McpClientOptions { ProtocolVersion = version });
        client.NegotiatedProtocolVersion.Should().Be(version);
        await ClientDrive.RunAsync(client);
    }

    [Theory]
    [InlineData("evil.example", null, 403)]
    [InlineData("evil.example:80", null, 403)]
    [InlineData("localhost", "http://evil.example", 403)]
    [InlineData("localhost", "null", 403)]
    [InlineData("localhost", "http://localhost:3000", 200)]
    [InlineData("127.0.0.1", "http://127.0.0.1", 200)]
    [InlineData("[::1]:99", null, 200)]
    [InlineData("LOCALHOST:1", null, 200)]
    public async Task Request_FromAHostOrOriginThatMayNot_IsForbidden(string name, string? origin, int status)
    {
        await using HttpHost host = await HttpHost.StartAsync();
        (await SendAsync(host, List, name, origin)).Should().Be((HttpStatusCode)status);
    }

    [Fact]
    public async Task Request_ToAllowedNames_Passes()
    {
        await using HttpHost host = await HttpHost.StartAsync(http: static o =>
        {
            o.AllowedHosts.Clear();
            o.AllowedHosts.Add("*");
            o.AllowedOrigins.Add("https://app.example.com");
        });
        (await SendAsync(host, List, "memory.example.com", "https://app.example.com")).Should().Be(HttpStatusCode.OK);
        (await SendAsync(host, List, "memory.example.com", "http://localhost")).Should().Be(HttpStatusCode.Forbidden, "the list names others");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_TooLarge_IsRefusedWithAndWithoutALength(bool chunked)
    {
        await using HttpHost host = await HttpHost.StartAsync(http: static o => o.MaxBodyBytes = 2_048);
        (await SendAsync(host, List[..^1] + ",\"x\":\"" + new string('x', 2_500) + "\"}", "localhost", null, chunked)).Should().Be(HttpStatusCode.RequestEntityTooLarge); // sent in one piece: a server that refuses closes, perhaps before a second one
        (await SendAsync(host, List, "localhost", null, chunked)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public void Options_OutOfRange_AreNamedAllAtOnce()
    {
        ServiceCollection services = new();
        services.AddMcpServer().WithGuardedHttpTransport(static o =>
        {
            o.AllowedHosts.Clear();
            o.AllowedOrigins.Add("example.com");
            o.AllowedOrigins.Add("https://example.com/");
            o.MaxBodyBytes = 1;
        });
        Action read = () => _ = services.BuildServiceProvider().GetRequiredService<Microsoft.Extensions.Options.IOptions<McpHttpOptions>>().Value;
        read.Should().Throw<Microsoft.Extensions.Options.OptionsValidationException>().Which.Failures.Should().Equal(
            "AllowedHosts is empty, or has an empty name; name at least one host, or '*' for every one.",
            "AllowedOrigins has 'example.com'; an origin is a scheme and a host, as in https://app.example.com.",
            "AllowedOrigins has 'https://example.com/'; an origin is a scheme and a host, as in https://app.example.com.",
            "MaxBodyBytes is 1; 1024 to 67108864 is allowed.");
    }

    [Theory]
    [InlineData(1_023, 0)]
    [InlineData(1_024, 1)]
    [InlineData(67_108_864, 1)]
    [InlineData(67_108_865, 0)]
    public void Options_AtTheirBounds_AreTakenOrRefused(long bytes, int taken)
    {
        McpHttpOptions options = new() { MaxBodyBytes = bytes };
        new McpHttpOptionsCheck().Validate(null, options).Succeeded.Should().Be(taken == 1);
        options.AllowedHosts.Add(" ");
        new McpHttpOptionsCheck().Validate(null, options).Failures.Should().Contain(static f => f.StartsWith("AllowedHosts", StringComparison.Ordinal), "one empty name beside others is refused too");
    }

    [Fact]
    public void Bearer_WithoutAuthorityOrResource_IsRefusedAtStart()
    {
        IMcpServerBuilder mcp = new ServiceCollection().AddMcpServer();
        Action none = () => mcp.WithBearerTokens(static o => o.Resource = "https://a/mcp");
        none.Should().Throw<ArgumentException>().WithMessage("Authority*");
        Action half = () => mcp.WithBearerTokens(static o => o.Authority = "https://a");
        half.Should().Throw<ArgumentException>().WithMessage("Resource*");
        Action skewed = () => mcp.WithBearerTokens(static o =>
        {
            o.Authority = "https://a";
            o.Resource = "https://b";
            o.ClockSkew = TimeSpan.FromHours(1);
        });
        skewed.Should().Throw<ArgumentException>().WithMessage("ClockSkew is 01:00:00; zero to 5 minutes is allowed.*");
        foreach (TimeSpan bound in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromMinutes(5)])
        {
            FluentActions.Invoking(() => mcp.WithBearerTokens(o => (o.Authority, o.Resource, o.ClockSkew) = ("https://a", "https://b", bound))).Should().NotThrow();
        }
    }

    [Fact]
    public async Task Subscription_OfASession_HearsOfAnotherClientsWrite()
    {
        await using HttpHost host = await HttpHost.StartAsync();
        foreach (string version in (string[])["2025-11-25", "2026-07-28"])
        {
            await using McpClient reader = await host.ConnectAsync(new McpClientOptions { ProtocolVersion = version });
            await using McpClient writer = await host.ConnectAsync();
            await using Watch watch = await Watch.StartAsync(reader, "memory://default");
            (await watch.HeardAsync(() => writer.GoodAsync("memory_store", """{"text":"news"}"""))).Should().Be("memory://default");
        }
    }

    internal static async Task<HttpStatusCode> SendAsync(HttpHost host, string body, string name = "localhost", string? origin = null, bool chunked = false, string? token = null)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, host.Endpoint) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Host = name;
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/list");
        request.Headers.TransferEncodingChunked = chunked;
        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin);
        }

        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", token);
        }

        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }
}
