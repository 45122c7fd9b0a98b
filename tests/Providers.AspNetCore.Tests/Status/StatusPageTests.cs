using System.Net;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Providers.AspNetCore.Status;
using Providers.AspNetCore.Tests.Support;
using Providers.Memory;
using Providers.Testing;

namespace Providers.AspNetCore.Tests.Status;

/// <summary>The status page in a real Chromium, and what feeds it. STATUS_IMAGES=1 writes the pictures of docs/images anew.</summary>
public sealed class StatusPageTests : IDisposable
{
    private const string Chat = """{"messages":[{"role":"user","content":"Hello"}]}""";
    private readonly string _folder = Directory.CreateTempSubdirectory("status-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Page_InChromium_IsLiveReadableAndOperable()
    {
        Node.Need("playwright-core");
        Assert.SkipUnless(Node.Chromium() is not null, "chromium is missing; eng/test installs it");
        await using GatewayHost host = await FullHost.StartAsync();
        await FillAsync(host);
        string pictures = Environment.GetEnvironmentVariable("STATUS_IMAGES") == "1" ? Directory.CreateDirectory(Path.Combine(Node.Root, "docs", "images")).FullName : _folder;
        JsonElement seen = await LookAsync(host, pictures, "");
        seen.GetProperty("problems").GetArrayLength().Should().Be(0, seen.GetProperty("problems").GetRawText());
        seen.GetProperty("requests").EnumerateArray().Select(static r => r.GetString()!).Where(static r => !r.StartsWith("data:", StringComparison.Ordinal))
            .Should().OnlyContain(r => r.StartsWith(host.Address.ToString(), StringComparison.Ordinal), "nothing comes from anywhere else");
        seen.GetProperty("state").GetString().Should().StartWith("Degraded").And.Contain("Open to everybody");
        seen.GetProperty("providers").GetArrayLength().Should().Be(2);
        seen.GetProperty("serves").GetString().Should().Contain("beta/scripted-model");
        seen.GetProperty("incidents")[0].GetString().Should().Contain("alpha");
        int.Parse(seen.GetProperty("requestsAMinute").GetString()!, System.Globalization.CultureInfo.InvariantCulture).Should().BeGreaterThan(0);
        seen.GetProperty("charts").EnumerateArray().Should().HaveCount(3).And.OnlyContain(static c => c.GetProperty("paths").GetInt32() >= 2 && c.GetProperty("label").GetString()!.Contains("fifteen minutes"));
        seen.GetProperty("paused").GetString().Should().Be("true");
        seen.GetProperty("stood").GetBoolean().Should().BeTrue();
        seen.GetProperty("tabs").EnumerateArray().Select(static t => t.GetString()).Should().StartWith(["skip", "pause"]).And.EndWith("summary");
        seen.GetProperty("open").EnumerateArray().Select(static t => t.GetString()).Should().HaveCount(2, "the route stays open while the page goes on");
        seen.GetProperty("nameless").GetArrayLength().Should().Be(0, seen.GetProperty("nameless").GetRawText());
        (seen.GetProperty("lang").GetString(), seen.GetProperty("live").GetString()).Should().Be(("en", "polite"));
        seen.GetProperty("dark").GetString().Should().Be("rgb(18, 22, 29)");
        JsonElement phone = seen.GetProperty("phone");
        phone.GetProperty("wide").GetInt32().Should().BeLessThanOrEqualTo(phone.GetProperty("view").GetInt32(), "nothing sticks out on a phone");
        phone.GetProperty("small").GetInt32().Should().Be(0);
        foreach (JsonElement contrast in seen.GetProperty("contrast").EnumerateArray())
        {
            contrast.GetProperty("worst").GetDouble().Should().BeGreaterThanOrEqualTo(4.5, contrast.GetProperty("where").GetString());
        }
    }

    [Fact]
    public async Task Page_OfAClosedHost_AsksForAKeyAndTakesIt()
    {
        Node.Need("playwright-core");
        Assert.SkipUnless(Node.Chromium() is not null, "chromium is missing; eng/test installs it");
        await using GatewayHost host = await FullHost.StartAsync(
            environment: "Production", configure: o => o.Authentication.KeyFile = Path.Combine(_folder, "keys.json"), map: static app => app.MapGroup("/ops/ai").MapProviders());
        (string admin, _) = await ApiKeyIssuer.IssueAsync(host.Services.GetRequiredService<IApiKeyStore>(), "ops", GatewayScopes.Admin);
        JsonElement seen = await LookAsync(host, "", admin, "ops/ai/status");
        seen.GetProperty("asked").GetString().Should().Be("keyinput", "the cursor is where the key goes");
        seen.GetProperty("state").GetString().Should().NotContain("Open to everybody");
        seen.GetProperty("providers").GetArrayLength().Should().Be(2);
    }

    [Fact]
    public async Task Page_Itself_HoldsNoDataAndAllowsNothingForeign()
    {
        await using GatewayHost host = await FullHost.StartAsync();
        using HttpResponseMessage page = await host.Client.GetAsync(new Uri("/status", UriKind.Relative));
        page.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
        page.Headers.GetValues("Content-Security-Policy").Single().Should().StartWith("default-src 'none'; script-src 'sha256-").And.Contain("connect-src 'self'").And.Contain("frame-ancestors 'none'");
        string html = await page.Content.ReadAsStringAsync();
        html.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal).Should().NotContain("http:").And.NotContain("https:").And.NotContain("alpha");
    }

    [Fact]
    public async Task Events_AreTheStatusEverySecond()
    {
        FakeTimeProvider clock = new();
        await using GatewayHost host = await FullHost.StartAsync(clock: clock);
        using HttpResponseMessage response = await host.Client.GetAsync(new Uri("/v1/status/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        DateTimeOffset first = await NowAsync(reader);
        Task<DateTimeOffset> second = NowAsync(reader);
        while (!second.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1)); // a look that falls between two waits is seen by nobody: there is another a second later
            await Task.WhenAny(second, Task.Delay(TimeSpan.FromMilliseconds(10)));
        }

        (await second).Should().BeAfter(first);
    }

    /// <summary>What a store throws ends no look, a cancellation of its own neither: it would stop the host. And one that hangs blinds nobody.</summary>
    [Fact]
    public async Task Events_StoreFailsOrHangs_GoOn()
    {
        FakeTimeProvider clock = new();
        IMemoryStore store = DispatchProxy.Create<IMemoryStore, StoreOnCue>();
        StoreOnCue cue = (StoreOnCue)(object)store;
        cue.Scopes = static () => throw new TaskCanceledException("a time-out of the store's own");
        await using GatewayHost host = await GatewayHost.StartAsync(build: b => b.Services.AddSingleton(store), clock: clock);
        StatusBoard board = host.Services.GetRequiredService<StatusBoard>();
        await LookAsync(board, clock);
        cue.Scopes = static () => Never();
        clock.Advance(TimeSpan.FromSeconds(15));
        await LookAsync(board, clock);
        await LookAsync(board, clock);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested.Should().BeFalse();
        cue.Asked.Should().BeInRange(2, 3, "a measurement that hangs is not begun again");

        static async IAsyncEnumerable<MemoryScope> Never()
        {
            await new TaskCompletionSource().Task;
            yield break;
        }
    }

    [Fact]
    public void Window_CountsInSlotsAndForgetsAfterAQuarterOfAnHour()
    {
        FakeTimeProvider clock = new();
        TrafficWindow window = new(clock);
        for (int i = 0; i < 100; i++)
        {
            window.Count(TimeSpan.FromMilliseconds(i < 90 ? 3 : 900), failed: i % 10 == 0, attempts: i % 20 == 0 ? 2 : 1);
        }

        TrafficView view = window.Snapshot();
        (view.Requests[^1], view.Errors[^1], view.Failovers[^1]).Should().Be((100, 10, 5));
        (view.P50Ms[^1], view.P95Ms[^1]).Should().Be((4, 1024), "powers of two are enough for a chart");
        clock.Advance(TimeSpan.FromSeconds(TrafficWindow.SlotSeconds));
        view = window.Snapshot();
        (view.Requests[^2], view.Requests[^1]).Should().Be((100, 0));
        clock.Advance(TimeSpan.FromSeconds(TrafficWindow.SlotSeconds * TrafficWindow.Slots));
        window.Snapshot().Requests.Sum().Should().Be(0);
    }

    /// <summary>On many systems the clock's count begins when the machine starts, and a host may start with it.</summary>
    [Fact]
    public void Window_WithinAQuarterOfAnHourOfTheClocksBeginning_IsEmptyBeforeIt()
    {
        YoungClock clock = new() { Seconds = 12 };
        TrafficWindow window = new(clock);
        window.Count(TimeSpan.FromMilliseconds(3), failed: false, attempts: 1);
        clock.Seconds = 20;
        TrafficView view = window.Snapshot();
        view.Requests.Should().HaveCount(TrafficWindow.Slots);
        (view.Requests[^3], view.Requests.Sum()).Should().Be((1, 1));
    }

    [Fact]
    public void Incidents_AreChangesNewestFirstAndFiftyAtMost()
    {
        IncidentLog log = new();
        ProviderStatus Status(ProviderHealth health, CircuitState circuit, bool draining = false) => new(new ProviderDescriptor("alpha", "Scripted"), health)
        {
            IsDraining = draining,
            Targets = [new TargetStatus("alpha", "m") { Circuit = circuit, LastFailure = FailureKind.TimedOut }, new TargetStatus("alpha", null)],
        };
        DateTimeOffset now = DateTimeOffset.UnixEpoch;
        log.Look([Status(ProviderHealth.Healthy, CircuitState.Closed)], now);
        log.Latest().Should().BeEmpty("a host that starts well has no incident");
        log.Look([Status(ProviderHealth.Unhealthy, CircuitState.Open)], now);
        log.Look([Status(ProviderHealth.Unhealthy, CircuitState.Open)], now);
        log.Latest().Select(static i => i.Text).Should().BeEquivalentTo(["alpha: unhealthy.", "alpha/m: circuit open after TimedOut."]);
        log.Look([Status(ProviderHealth.Degraded, CircuitState.HalfOpen, draining: true)], now);
        log.Look([Status(ProviderHealth.Degraded, CircuitState.Isolated)], now);
        log.Look([Status(ProviderHealth.Healthy, CircuitState.Closed)], now);
        log.Latest()[0].Should().Match<IncidentView>(static i => i.Severity == "good" && i.Text.EndsWith("is well again."));
        for (int i = 0; i < 100; i++)
        {
            log.Look([Status(i % 2 == 0 ? ProviderHealth.Unhealthy : ProviderHealth.Healthy, CircuitState.Closed)], now);
        }

        log.Latest().Should().HaveCount(50);
    }

    private static async Task<DateTimeOffset> NowAsync(StreamReader reader)
    {
        string? line;
        while ((line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1))) is not null && !line.StartsWith("data: ", StringComparison.Ordinal))
        {
        }

        return JsonDocument.Parse(line![6..]).RootElement.GetProperty("now").GetDateTimeOffset();
    }

    private static async Task FillAsync(GatewayHost host)
    {
        for (int i = 0; i < 40; i++)
        {
            if (i == 20)
            {
                host.Provider.Chat.Faults.Always(Fault.Status(401));
            }

            using HttpResponseMessage response = await host.PostAsync("/v1/chat/completions", Chat);
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }
    }

    private static async Task<JsonElement> LookAsync(GatewayHost host, string pictures, string key, string path = "status") =>
        JsonDocument.Parse(await Node.RunAsync("status.cjs", new Uri(host.Address, path).ToString(), Node.Chromium()!, pictures, key)).RootElement;

    private static async Task LookAsync(StatusBoard board, FakeTimeProvider clock)
    {
        using CancellationTokenSource late = new(TimeSpan.FromMinutes(2));
        Task<StatusView> look = board.NextAsync(late.Token);
        while (!look.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(look, Task.Delay(TimeSpan.FromMilliseconds(10), CancellationToken.None));
        }

        (await look).Memory.Should().BeNull();
    }

    private sealed class YoungClock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Seconds * 1000;
    }

    /// <summary>A store that is only asked for its scopes.</summary>
#pragma warning disable CA1852 // the proxy derives from it
    private class StoreOnCue : DispatchProxy
#pragma warning restore CA1852
    {
        private int _asked;

        public Func<IAsyncEnumerable<MemoryScope>>? Scopes { get; set; }

        public int Asked => Volatile.Read(ref _asked);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IMemoryStore.ListScopesAsync))
            {
                Interlocked.Increment(ref _asked);
                return Scopes!();
            }

            return targetMethod.ReturnType == typeof(ValueTask) ? default(ValueTask) : throw new NotSupportedException(targetMethod.Name);
        }
    }
}
