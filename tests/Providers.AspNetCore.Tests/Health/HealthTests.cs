using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Providers.AspNetCore.Health;
using Providers.AspNetCore.Tests.Support;

namespace Providers.AspNetCore.Tests.Health;

public sealed class HealthTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("health-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Probes_OfAHostThatIsWell_SaySo()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        (await GetAsync(host, "/health/live")).Status.Should().Be("live");
        (await GetAsync(host, "/health/startup")).Status.Should().Be("started");
        (HttpStatusCode code, string status, _) = await GetAsync(host, "/health/ready");
        (code, status).Should().Be((HttpStatusCode.OK, "ready"));
    }

    [Fact]
    public async Task Ready_WithTheFirstTargetOut_IsDegradedAndWithAllOut_Not()
    {
        FakeTimeProvider clock = new();
        await using GatewayHost host = await GatewayHost.StartAsync(clock: clock);
        IProviderCatalog catalog = host.Services.GetRequiredService<IProviderCatalog>();
        catalog.Isolate("alpha");
        clock.Advance(TimeSpan.FromSeconds(2));
        (HttpStatusCode code, string status, string text) = await GetAsync(host, "/health/ready");
        (code, status).Should().Be((HttpStatusCode.OK, "degraded"));
        text.Should().Contain("alpha: An operator isolated it.");
        catalog.Isolate("beta");
        clock.Advance(TimeSpan.FromSeconds(2));
        (code, status, _) = await GetAsync(host, "/health/ready");
        (code, status).Should().Be((HttpStatusCode.ServiceUnavailable, "not_ready"));
        (await GetAsync(host, "/health/live")).Status.Should().Be("live", "an outage of others restarts nobody");
    }

    [Fact]
    public async Task Ready_ForAnybodyButAnOperator_ShowsNoDetails()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(environment: "Production", configure: o => o.Authentication.KeyFile = Path.Combine(_folder, "keys.json"));
        (await GetAsync(host, "/health/ready")).Text.Should().Be("""{"status":"ready"}""");
        (string admin, _) = await ApiKeyIssuer.IssueAsync(host.Services.GetRequiredService<IApiKeyStore>(), "ops", GatewayScopes.Admin);
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin);
        (await GetAsync(host, "/health/ready")).Text.Should().Contain("alpha/scripted-model serves.");
    }

    [Fact]
    public async Task Ready_WhileDraining_IsNotAndConnectionsAreClosed()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Services.GetRequiredService<DrainState>().Begin();
        using HttpResponseMessage response = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        response.Headers.ConnectionClose.Should().BeTrue();
        using HttpResponseMessage served = await host.PostAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"Hello"}]}""");
        served.StatusCode.Should().Be(HttpStatusCode.OK, "what comes during the delay is still served");
    }

    /// <summary>While the balancer has its time, traffic comes and pauses; the end is when nothing is under way after that.</summary>
    [Fact]
    public void Drain_TrafficPausesBeforeTheDoorIsClosed_IsStillWaitedFor()
    {
        using DrainState drain = new();
        drain.Begin();
        drain.Enter();
        drain.Leave();
        drain.Enter();
        drain.Close();
        Task idle = drain.WhenIdleAsync();
        idle.IsCompleted.Should().BeFalse("one is under way");
        drain.Leave();
        idle.IsCompleted.Should().BeTrue();
    }

    [Fact]
    public void Drain_NothingUnderWay_IsAtItsEndAtOnce()
    {
        using DrainState drain = new();
        drain.Begin();
        drain.Close();
        drain.WhenIdleAsync().IsCompleted.Should().BeTrue();
    }

    /// <summary>The composite may be told to stop before the door is: readiness goes with whichever comes first.</summary>
    [Fact]
    public async Task Ready_WhileTheCatalogStops_IsNot()
    {
        StoppingCatalog catalog = new();
        await using GatewayHost host = await GatewayHost.StartAsync(providers: [], build: b => b.Services.AddSingleton<IProviderCatalog>(catalog));
        (await GetAsync(host, "/health/ready")).Status.Should().Be("ready");
        catalog.IsStopping = true;
        (HttpStatusCode code, string status, string text) = await GetAsync(host, "/health/ready");
        (code, status).Should().Be((HttpStatusCode.ServiceUnavailable, "not_ready"));
        text.Should().Contain("shutting down");
        (await GetAsync(host, "/health/live")).Status.Should().Be("live");
    }

    private static async Task<(HttpStatusCode Code, string Status, string Text)> GetAsync(GatewayHost host, string path)
    {
        using HttpResponseMessage response = await host.Client.GetAsync(new Uri(path, UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, JsonDocument.Parse(text).RootElement.GetProperty("status").GetString()!, text);
    }

    private sealed class StoppingCatalog : IProviderCatalog
    {
        public bool IsStopping { get; set; }

        public IReadOnlyList<ProviderStatus> GetProviders() => [];

        public IReadOnlyList<RouteStatus> GetRoutes() => [];

        public Task DrainAsync(string provider, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public void Isolate(string provider, string? model = null)
        {
        }

        public void Enable(string provider, string? model = null)
        {
        }
    }
}
