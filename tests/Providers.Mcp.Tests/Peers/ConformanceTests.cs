using ModelContextProtocol.AspNetCore;
using Providers.Mcp.Tests.Support;

namespace Providers.Mcp.Tests.Peers;

/// <summary>
/// The official conformance suite against our whole pipeline: everything it requires of both eras of the protocol. What it runs beside that and does not
/// score for 2026-07-28 is left out: the extension for tasks, whose package (ModelContextProtocol.Extensions.Tasks) cannot be had, and two pending scenarios.
/// </summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Sessions_AllScenarios_Pass()
    {
        const string suite = "@modelcontextprotocol/conformance/dist/index.js";
        Npm.SkipWithout(suite);
        await using HttpHost host = await StartAsync(HttpServerSessionMode.StatefulForInitializeClients);
        (int code, string text) = await Npm.RunAsync(Npm.Module(suite), "server", "--url", Url(host), "--suite", "all");
        output.WriteLine(text);
        code.Should().Be(0, text);
        text.Should().Contain("Total: 45 passed, 0 failed");
    }

    [Fact]
    public async Task Stateless_AllScenarios_Pass()
    {
        const string suite = "conformance-next/dist/index.js";
        Npm.SkipWithout(suite);
        await using HttpHost host = await StartAsync(HttpServerSessionMode.Stateless);
        (int code, string text) = await Npm.RunAsync(Npm.Module(suite), "server", "--url", Url(host), "--requirements", "2026-07-28");
        output.WriteLine(text);
        code.Should().Be(0, text);
        text.Should().Contain("server-stateless: 28 passed, 0 failed").And.Contain("sep-2164-resource-not-found: 4 passed, 0 failed").And.Contain("input-required-result-tampered-state: 2 passed, 0 failed").And.Contain("http-header-validation: 14 passed, 0 failed");
    }

    private static string Url(HttpHost host) => $"http://localhost:{host.Endpoint.Port}/mcp";

    private static Task<HttpHost> StartAsync(HttpServerSessionMode mode) => HttpHost.StartAsync(more: mcp =>
    {
        mcp.WithConformanceFixture();
        mcp.Services.AddDistributedMemoryCache();
        mcp.WithDistributedCacheEventStreamStore();
        mcp.Services.Configure<HttpServerTransportOptions>(o => o.SessionMode = mode);
    });
}
