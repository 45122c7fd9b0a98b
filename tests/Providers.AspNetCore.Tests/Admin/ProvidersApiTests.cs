using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Providers.AspNetCore.Tests.Support;
using Providers.Testing;

namespace Providers.AspNetCore.Tests.Admin;

/// <summary>What an operator sees and steers.</summary>
public sealed class ProvidersApiTests
{
    private const string Chat = """{"messages":[{"role":"user","content":"Hello"}]}""";

    [Fact]
    public async Task Providers_AreShownWithHealthCircuitsAndNumbers()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using (HttpResponseMessage served = await host.PostAsync("/v1/chat/completions", Chat))
        {
            served.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        JsonElement providers = (await GetAsync(host, "/v1/providers")).GetProperty("providers");
        providers.GetArrayLength().Should().Be(2);
        JsonElement alpha = providers[0];
        alpha.GetProperty("name").GetString().Should().Be("alpha");
        alpha.GetProperty("kind").GetString().Should().Be("Scripted");
        alpha.GetProperty("local").GetBoolean().Should().BeTrue();
        alpha.GetProperty("models").EnumerateArray().Select(static m => m.GetString()).Should().Equal("scripted-model", "hashing");
        JsonElement target = alpha.GetProperty("targets").EnumerateArray().Single(static t => t.GetProperty("model").GetString() == "scripted-model");
        target.GetProperty("circuit").GetString().Should().Be("closed");
        target.GetProperty("successes").GetInt64().Should().Be(1);
        (await GetAsync(host, "/v1/providers/ALPHA")).GetProperty("name").GetString().Should().Be("alpha");
        using HttpResponseMessage missing = await host.Client.GetAsync(new Uri("/v1/providers/nobody", UriKind.Relative));
        missing.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Drain_MovesTrafficAndEnable_BringsItBack()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using (HttpResponseMessage drained = await host.PostAsync("/v1/providers/alpha:drain", ""))
        {
            drained.StatusCode.Should().Be(HttpStatusCode.Accepted);
            (await ReadAsync(drained)).GetProperty("draining").GetBoolean().Should().BeTrue();
        }

        (await ServedByAsync(host)).Should().Be("beta");
        JsonElement route = await GetAsync(host, "/v1/routes/chat");
        route.GetProperty("serves_now").GetString().Should().Be("beta/scripted-model");
        route.GetProperty("targets")[0].GetProperty("usable").GetBoolean().Should().BeFalse();
        route.GetProperty("targets")[0].GetProperty("reason").GetString().Should().Be("The provider is draining.");
        using (HttpResponseMessage enabled = await host.PostAsync("/v1/providers/alpha:enable", "{}"))
        {
            (await ReadAsync(enabled)).GetProperty("draining").GetBoolean().Should().BeFalse();
        }

        (await ServedByAsync(host)).Should().Be("alpha");
    }

    [Fact]
    public async Task Isolate_OneModel_OpensItsCircuitAlone()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using (HttpResponseMessage isolated = await host.PostAsync("/v1/providers/alpha:isolate", """{"model":"scripted-model"}"""))
        {
            JsonElement[] targets = [.. (await ReadAsync(isolated)).GetProperty("targets").EnumerateArray()];
            targets.Should().OnlyContain(static t => (t.GetProperty("circuit").GetString() == "isolated") == (t.GetProperty("model").GetString() == "scripted-model"));
            targets.Should().OnlyContain(static t => t.GetProperty("retry_after_seconds").ValueKind == JsonValueKind.Null, "an isolated one waits for an operator, not for a time");
        }

        (await GetAsync(host, "/v1/routes")).GetProperty("routes")[0].GetProperty("targets")[0].GetProperty("reason").GetString().Should().Be("An operator isolated it.");
        (await ServedByAsync(host)).Should().Be("beta");
        using HttpResponseMessage wrong = await host.PostAsync("/v1/providers/alpha:isolate", """{"model":"nothing"}""");
        wrong.StatusCode.Should().Be(HttpStatusCode.NotFound);
        using HttpResponseMessage nobody = await host.PostAsync("/v1/providers/nobody:isolate", "{}");
        nobody.StatusCode.Should().Be(HttpStatusCode.NotFound);
        using HttpResponseMessage noRoute = await host.Client.GetAsync(new Uri("/v1/routes/nothing", UriKind.Relative));
        noRoute.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Routes_WhoseTargetFailed_SayWhyItIsPassedOver()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Provider.Chat.Faults.Always(Fault.Status(401));
        (await ServedByAsync(host)).Should().Be("beta");
        JsonElement target = (await GetAsync(host, "/v1/routes/chat")).GetProperty("targets")[0];
        target.GetProperty("usable").GetBoolean().Should().BeFalse(target.GetRawText());
        (await GetAsync(host, "/v1/routes/chat")).GetProperty("serves_now").GetString().Should().Be("beta/scripted-model");
    }

    private static async Task<string> ServedByAsync(GatewayHost host)
    {
        using HttpResponseMessage response = await host.PostAsync("/v1/chat/completions", Chat);
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return response.Headers.GetValues("X-Provider").Single();
    }

    private static async Task<JsonElement> GetAsync(GatewayHost host, string path) => JsonDocument.Parse(await host.Client.GetStringAsync(new Uri(path, UriKind.Relative))).RootElement;

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
}
