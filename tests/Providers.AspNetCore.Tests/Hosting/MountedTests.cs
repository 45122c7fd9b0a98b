using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.Hosting;

/// <summary>A host may have its operations below a path: what answers point at lies there too.</summary>
public sealed class MountedTests
{
    [Theory]
    [InlineData("/ai", "")]
    [InlineData("", "/models/of/{team}")]
    [InlineData("/ai", "/models/of/{team}")]
    [InlineData("", "")]
    public async Task Addresses_LeadWhereTheOperationsAre(string pathBase, string group)
    {
        string root = pathBase + group.Replace("{team}", "a%20b", StringComparison.Ordinal);
        await using GatewayHost host = await FullHost.StartAsync(map: app =>
        {
            app.UsePathBase(pathBase);
            app.UseRouting();
            RouteGroupBuilder below = app.MapGroup(group);
            below.MapProviders();
            below.MapMemory();
        });

        using HttpResponseMessage first = await host.PostAsync($"{root}/v1/memories?namespace=n", """{"text":"One."}""");
        first.StatusCode.Should().Be(HttpStatusCode.Created, await first.Content.ReadAsStringAsync());
        string memory = first.Headers.Location!.ToString();
        memory.Should().StartWith(root + "/v1/memories/");
        (await ReadAsync(host, memory + "?namespace=n")).GetProperty("text").GetString().Should().Be("One.");

        using HttpResponseMessage second = await host.PostAsync($"{root}/v1/memories?namespace=n", """{"text":"Two."}""");
        using HttpResponseMessage page = await host.Client.GetAsync($"{root}/v1/memories?namespace=n&limit=1");
        string next = page.Headers.GetValues("Link").Single().Split('<', '>')[1];
        next.Should().StartWith(root + "/v1/memories?");
        (await ReadAsync(host, next)).GetProperty("items")[0].GetProperty("text").GetString().Should().Be("Two.");

        using HttpResponseMessage erasure = await host.Client.DeleteAsync($"{root}/v1/memories?namespace=n&all=true");
        erasure.StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await ReadAsync(host, erasure.Headers.Location!.ToString())).GetProperty("status").GetString().Should().BeOneOf("running", "succeeded");

        JsonElement document = await ReadAsync(host, root + "/openapi/v1.json");
        (document.TryGetProperty("servers", out JsonElement servers) ? servers[0].GetProperty("url").GetString() : "").Should().Be(root);
        document.GetProperty("paths").TryGetProperty("/v1/chat/completions", out _).Should().BeTrue();
        using HttpResponseMessage model = await host.Client.GetAsync($"{root}/v1/models/alpha/scripted-model");
        model.StatusCode.Should().Be(HttpStatusCode.OK, await model.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> ReadAsync(GatewayHost host, string path)
    {
        using HttpResponseMessage response = await host.Client.GetAsync(path);
        string text = await response.Content.ReadAsStringAsync();
        response.StatusCode.Should().Be(HttpStatusCode.OK, $"{path}: {text}");
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
