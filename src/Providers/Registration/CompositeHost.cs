using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Providers.Catalog;
using Providers.Chat;
using Providers.Embeddings;
using Providers.Health;
using Providers.Plans;
using Providers.Reranking;
using Providers.Routing;
using Providers.Telemetry;
using Providers.Timing;

namespace Providers.Registration;

/// <summary>One composite, put together: owns its plan, its providers, its probes and its clients.</summary>
internal sealed class CompositeHost : IAsyncDisposable, IDisposable
{
    private readonly CompositeTelemetry _telemetry;
    private readonly HealthMonitor _health;
    private readonly Clock _clock;

    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The configuration has errors; all are named.</exception>
    public CompositeHost(IServiceProvider services, CompositeProviderBuilder builder)
    {
        Clock clock = _clock = new(services.GetService<TimeProvider>() ?? TimeProvider.System);
        Dice dice = new(builder.Seed ?? unchecked((ulong)clock.Provider.GetTimestamp()));
        IConfiguration? section = builder.Section?.Invoke(services);
        ILogger log = services.GetService<ILoggerFactory>()?.CreateLogger("Providers") ?? NullLogger.Instance;
        _telemetry = new CompositeTelemetry(services.GetService<IMeterFactory>(), log);
        PlanInput input = new(section, builder.Registrations, [.. services.GetServices<IProviderFactory>().Concat(KnownAdapters.Find()).DistinctBy(static f => f.Kind, StringComparer.OrdinalIgnoreCase)]);
        Plans = new PlanSource(input, new PlanBuilder(input, services, _telemetry, clock, dice), () => CreateOptions(section, builder), _telemetry, clock);
        _health = new HealthMonitor(Plans, _telemetry, clock, dice);
        TargetSelector selector = new(clock, services.GetService<IRouteGate>());
        Catalog = new ProviderCatalog(Plans, clock, selector);
        Router router = new(clock, Plans, selector, _telemetry, dice);
        Failover failover = new(router);
        ChatClientBuilder pipeline = new(new CompositeChatClient(router, failover));
        builder.ChatPipeline?.Invoke(pipeline);
        ChatClient = pipeline.Build(services);
        // A host's cache is not so much as made unless embeddings are to be kept there.
        Lazy<EmbeddingCache> cache = new(() => new EmbeddingCache(services.GetRequiredService<HybridCache>(), _telemetry, clock));
        EmbeddingGenerator = new CompositeEmbeddingGenerator(router, failover, cache);
        Reranker = new CompositeReranker(router, failover, EmbeddingGenerator);
    }

    public PlanSource Plans { get; }

    public IProviderCatalog Catalog { get; }

    public IChatClient ChatClient { get; }

    public IEmbeddingGenerator<string, Embedding<float>> EmbeddingGenerator { get; }

    public IReranker Reranker { get; }

    public void StartProbing() => _health.Start();

    /// <summary>Is not ready from now on, and waits until balancers have noticed.</summary>
    public async Task AnnounceStopAsync(CancellationToken cancellationToken)
    {
        Plans.IsStopping = true;
        TimeSpan delay = Plans.Current.Options.Drain.Delay;
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, _clock.Provider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits for the requests under way, as long as they may take.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Plans.IsStopping = true;
        CompositePlan plan = Plans.Current;
        plan.Retire();
        try
        {
            await plan.Idle.WaitAsync(plan.Options.Drain.Timeout, _clock.Provider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            _telemetry.Log.DrainCut(plan.Budget.Requests, plan.Options.Drain.Timeout.TotalSeconds);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _health.DisposeAsync().ConfigureAwait(false);
        await Plans.DisposeAsync().ConfigureAwait(false);
        _telemetry.Dispose();
    }

    // A container that is disposed synchronously has no other way to wait; the work is short and does not return to its thread.
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static CompositeOptions CreateOptions(IConfiguration? section, CompositeProviderBuilder builder)
    {
        CompositeOptions options = new();
        if (section is not null)
        {
            section.Bind(options);
        }

        foreach (Action<CompositeOptions> configure in builder.Configure)
        {
            configure(options);
        }

        return options;
    }
}
