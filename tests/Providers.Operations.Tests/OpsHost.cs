using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Providers.Operations.Tests;

/// <summary>A web host as a user would build it: a composite whose providers fail on cue, OpenTelemetry, and a scrape endpoint on a free loopback port.</summary>
internal sealed class OpsHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(10) }; // a long soak may be stopped for a while, clock and all
    private bool _disposed;

    private OpsHost(WebApplication app, Dictionary<string, CueProvider> providers, OpsDoors doors)
    {
        _app = app;
        Doors = doors;
        Providers = providers;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Chat = app.Services.GetRequiredService<IChatClient>();
        Catalog = app.Services.GetRequiredService<IProviderCatalog>();
    }

    public Dictionary<string, CueProvider> Providers { get; }

    public OpsDoors Doors { get; }

    public Uri Address { get; }

    public IChatClient Chat { get; }

    public IProviderCatalog Catalog { get; }

    public static async Task<OpsHost> StartAsync()
    {
        Dictionary<string, CueProvider> providers = new(StringComparer.Ordinal);
        OpsDoors doors = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["Providers:Routes:good:Targets:0:Provider"] = "good";
        builder.Services.AddRateLimiter(static o => o.AddConcurrencyLimiter("few", static l => l.PermitLimit = 10));
        builder.Services.AddOpenTelemetry().WithMetrics(static m => m
            .AddProvidersInstrumentation()
            .AddAspNetCoreInstrumentation()
            .AddMeter("System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.RateLimiting")
            .AddPrometheusExporter(static o => o.ScrapeResponseCacheDurationMilliseconds = 0));
        doors.Register(builder);
        builder.AddCompositeProvider(composite =>
        {
            foreach (string name in (string[])["good", "bad", "limited", "slow", "lonely", "newcomer", "queued"])
            {
                providers[name] = new CueProvider(name);
                composite.AddProvider(name, _ => providers[name]);
            }

            composite.AddProvider("embedder", _ => doors.Embedder);
            composite.Configure(Configure);
        });
        WebApplication app = builder.Build();
        app.UseRateLimiter();
        app.MapGet("/ok", static () => "ok").RequireRateLimiting("few");
        app.MapGet("/busy", static () => Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        app.MapPrometheusScrapingEndpoint();
        app.MapProviders();
        await app.StartAsync();
        await doors.StartAsync(app.Services);
        return new OpsHost(app, providers, doors);
    }

    /// <summary>Changes a key of the running host's configuration.</summary>
    public void Edit(string key, string? value)
    {
        _app.Configuration[key] = value;
        ((IConfigurationRoot)_app.Configuration).Reload();
    }

    public Task<string> ScrapeAsync() => _http.GetStringAsync(new Uri(Address, "/metrics"));

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(Address, path));

    /// <summary>One request; what becomes of it is for the metrics to say.</summary>
    public async Task AskAsync(string route, string? tenant = null)
    {
        try
        {
            await Chat.GetResponseAsync("hi", new RequestPreferences { Tenant = tenant }.ApplyTo(new ChatOptions { ModelId = route }));
        }
        catch (Exception e) when (e is ProviderException or NoProvidersAvailableException)
        {
            // Counted.
        }
    }

    public async Task EmbedAsync(string text) =>
        await _app.Services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync([text], new EmbeddingGenerationOptions { ModelId = "embedding" });

    public async Task StreamAsync(string route)
    {
        try
        {
            await foreach (ChatResponseUpdate _ in Chat.GetStreamingResponseAsync("hi", new ChatOptions { ModelId = route }))
            {
            }
        }
        catch (Exception e) when (e is ProviderException or NoProvidersAvailableException)
        {
            // Counted.
        }
    }

    /// <summary>Makes everything happen once that a metric tells of.</summary>
    public async Task ExerciseAsync()
    {
        for (int i = 0; i < 30; i++)
        {
            await AskAsync("good");
            await AskAsync("canary");
            await StreamAsync("good");
        }

        Providers["bad"].Fails = FailureKind.Transient;
        Providers["lonely"].Fails = FailureKind.RateLimited;
        Providers["limited"].Fails = FailureKind.RateLimited;
        for (int i = 0; i < 5; i++)
        {
            await AskAsync("failover");
            await Task.WhenAll(AskAsync("alone"), AskAsync("alone"), AskAsync("alone"));
            await AskAsync("limited");
        }

        Catalog.ControlCanary("canary", CanaryAction.Abort);
        Providers["slow"].BreaksStreams = true;
        await StreamAsync("slow");
        TaskCompletionSource open = new();
        Providers["queued"].WholeAnswerWaits = open.Task;
        Task first = AskAsync("queue"), second = AskAsync("queue"); // the second waits for the first one's place
        await ScrapeAsync();
        open.SetResult();
        await Task.WhenAll(first, second);
        TaskCompletionSource slow = new();
        Providers["good"].WholeAnswerWaits = slow.Task; // until the other one has answered
        await AskAsync("hedged");
        slow.SetResult();
        Providers["queued"].WholeAnswerWaits = new TaskCompletionSource().Task;
        await AskAsync("deadline");
        await AskAsync("good", "tenant");
        Edit("Providers:Retry:MaxRetries", "1");
        Edit("Providers:Retry:MaxRetries", "-1");
        Edit("Providers:Retry:MaxRetries", "1");
        (await GetAsync("/ok")).Dispose();
        (await GetAsync("/busy")).Dispose();
        (await GetAsync("/v1/models")).Dispose(); // without a key
        await Doors.CallToolsAsync();
        await OpsDoors.FetchTokenAsync(fails: false);
        await EmbedAsync("a");
        await EmbedAsync("a");
        GC.Collect();
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _http.Dispose();
        await Doors.DisposeAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void Configure(CompositeOptions o)
    {
        o.Health.Interval = TimeSpan.FromMilliseconds(200);
        o.Health.UnhealthyThreshold = 1;
        o.Circuit.ConsecutiveFailures = 1;
        o.Circuit.BreakDuration = o.Circuit.MaxBreakDuration = TimeSpan.FromMilliseconds(20);
        o.Circuit.SlowStart = TimeSpan.Zero;
        o.Circuit.PanicInterval = TimeSpan.FromMilliseconds(10);
        o.Retry.BaseDelay = TimeSpan.FromMilliseconds(10);
        o.Retry.BudgetMinimum = 1;
        o.Retry.BudgetRatio = 0;
        o.Providers["queued"] = new ProviderOptions { MaxConcurrency = 1, QueueLimit = 10 };
        Route(o, "failover", "bad", "good");
        Route(o, "limited", "limited", "good");
        Route(o, "alone", "lonely");
        Route(o, "slow", "slow");
        Route(o, "queue", "queued");
        Route(o, "deadline", "queued").Timeouts = new TimeoutOptions { Total = TimeSpan.FromMilliseconds(50) };
        Route(o, "hedged", "good", "newcomer").Hedging = new HedgingOptions { Delay = TimeSpan.FromMilliseconds(1) };
        Route(o, "canary", "good", "newcomer").Targets[1].Canary = new CanaryOptions { Steps = { 50, 100 }, Interval = TimeSpan.FromMilliseconds(200) };
        Route(o, "embedding", "embedder").Targets[0].Model = "m";
        o.Embeddings.Cache = new EmbeddingCacheOptions { Timeout = TimeSpan.FromMilliseconds(20), Rest = TimeSpan.Zero };
        o.Budgets["team"] = new BudgetOptions { Route = "good", Tokens = 1_000_000, PerTenant = true };
        o.Budgets["tight"] = new BudgetOptions { Route = "queue", Tokens = 100, Stop = false };
        o.DefaultRoute = "good";
    }

    private static RouteOptions Route(CompositeOptions options, string name, params string[] targets)
    {
        RouteOptions route = new();
        foreach (string target in targets)
        {
            route.Targets.Add(new TargetOptions { Provider = target });
        }

        return options.Routes[name] = route;
    }
}
