using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Hosting;
using Providers.Tests.Support;

namespace Providers.Tests.Configuration;

public sealed class ReloadTests
{
    private readonly FakeFactory _factory = new();
    private readonly EditableConfiguration _configuration = new();

    [Fact]
    public async Task Reload_NewRoute_IsInForceForTheNextRequestAndKeepsTheProviders()
    {
        await using ServiceProvider services = Services();
        IChatClient chat = services.GetRequiredService<IChatClient>();
        (await chat.GetResponseAsync("hi")).GetProvider().Should().Be("a");
        _configuration.Edit(static d =>
        {
            d["Providers:Routes:r:Targets:0:Provider"] = "b";
            d["Providers:Routes:r:Targets:1:Provider"] = "a";
        });
        (await chat.GetResponseAsync("hi")).GetProvider().Should().Be("b");
        _factory.Made.Should().HaveCount(2, "neither provider's own section changed");
        _factory.Made.Should().OnlyContain(static p => p.Disposals == 0);
    }

    [Fact]
    public async Task Reload_OpenCircuit_StaysOpen()
    {
        await using ServiceProvider services = Services();
        IProviderCatalog catalog = services.GetRequiredService<IProviderCatalog>();
        catalog.Isolate("a");
        _configuration.Edit(static d => d["Providers:Routes:r:Policy"] = "RoundRobin");
        catalog.GetProviders().First(static p => p.Descriptor.Name == "a").Targets[0].Circuit.Should().Be(CircuitState.Isolated);
    }

    [Fact]
    public async Task Reload_ProviderChangedWhileServing_OldOneIsDisposedAfterItsLastRequest()
    {
        await using ServiceProvider services = Services();
        IChatClient chat = services.GetRequiredService<IChatClient>();
        FakeProvider old = _factory.Made.Single(static p => p.Descriptor.Name == "a");
        TaskCompletionSource<ChatResponse> slow = new();
        old.Answer = (_, _) => slow.Task;
        Task<ChatResponse> underWay = chat.GetResponseAsync("hi");
        _configuration.Edit(static d => d["Providers:Providers:a:Endpoint"] = "http://127.0.0.1:1");
        _factory.Made.Count(static p => p.Descriptor.Name == "a").Should().Be(2);
        (await chat.GetResponseAsync("hi")).GetProvider().Should().Be("a");
        old.Disposals.Should().Be(0);
        slow.SetResult(Reply.Whole("late"));
        (await underWay).Text.Should().Be("late");
        await services.DisposeAsync();
        old.Disposals.Should().Be(1);
        _factory.Made.Should().OnlyContain(static p => p.Disposals == 1);
    }

    /// <summary>Gate G17: a thousand invalid edits under load fail no request, are each counted, and leave the last good plan in force.</summary>
    [Fact]
    public async Task Reload_ThousandInvalidEdits_LastGoodServes()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        await using ServiceProvider services = Services();
        IChatClient chat = services.GetRequiredService<IChatClient>();
        using MetricCollector<long> reloads = new(services.GetRequiredService<IMeterFactory>(), "Providers", "config.reload");
        string[] knobs =
        [
            "Providers:Timeouts:Total", "Providers:Retry:MaxRetries", "Providers:Circuit:FailureRatio", "Providers:DefaultRoute", "Providers:Routes:r:Policy", "Providers:Streams:Recovery",
            "Providers:Routes:r:Targets:0:Provider", "Providers:Routes:r:Targets:0:Weight", "Providers:Providers:a:Kind", "Providers:Providers:a:Broken", "Providers:Providers:b:MaxConcurrency",
        ];
        string[] values = ["-1", "NaN", "nonsense", "true", "99999999999999999999", "{}"];
        using CancellationTokenSource stop = new();
        Task<int>[] load = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => AskUntilAsync(chat, stop.Token)))];
        for (int i = 0; i < 1_000; i++)
        {
            string knob = knobs[random.Next(knobs.Length)];
            string value = knob.EndsWith("Broken", StringComparison.Ordinal) ? "true" : values[random.Next(values.Length)];
            string? before = _configuration.Data.TryGetValue(knob, out string? old) ? old : null;
            _configuration.Edit(d => d[knob] = value);
            Count("failure").Should().Be(i + 1, "seed {0}, edit {1}: {2} = {3} is refused", seed, i, knob, value);
            (await chat.GetResponseAsync("hi")).GetProvider().Should().Be("a", "seed {0}, edit {1}: {2} = {3}", seed, i, knob, value);
            _configuration.Edit(d => d[knob] = before);
        }

        await stop.CancelAsync();
        (await Task.WhenAll(load)).Should().OnlyContain(static served => served > 0, "each of them was served all the while, or it would have thrown");
        Count("success").Should().Be(1_000, "each edit was taken back");
        _factory.Made.Count(static p => p.Disposals > 0).Should().Be(_factory.Made.Count - 2, "what an invalid edit made is let go again");

        int Count(string result) => reloads.GetMeasurementSnapshot().Count(m => (string?)m.Tags["result"] == result);
    }

    [Fact]
    public async Task Reload_OtherProbeInterval_IsFollowedWithoutAnotherProvider()
    {
        FakeTimeProvider clock = new();
        await using ServiceProvider services = Services(clock, probes: true);
        int asked = 0;
        FakeProvider a = _factory.Made.Single(static p => p.Descriptor.Name == "a");
        a.Health = () =>
        {
            asked++;
            return new ProviderHealthReport(ProviderHealth.Healthy);
        };
        Advance(clock, TimeSpan.FromSeconds(60));
        asked.Should().BeInRange(5, 7, "every ten seconds, give or take a tenth");

        _configuration.Edit(static d => d["Providers:Health:Interval"] = "00:00:01");
        asked = 0;
        Advance(clock, TimeSpan.FromSeconds(60));
        asked.Should().BeInRange(48, 67, "every second");
        _factory.Made.Should().HaveCount(2);
    }

    [Fact]
    public async Task Reload_ProbesSwitchedOff_WhatTheyFoundIsForgotten()
    {
        FakeTimeProvider clock = new();
        await using ServiceProvider services = Services(clock, probes: true);
        IProviderCatalog catalog = services.GetRequiredService<IProviderCatalog>();
        int asked = 0;
        _factory.Made.Single(static p => p.Descriptor.Name == "a").Health = () =>
        {
            asked++;
            return new ProviderHealthReport(ProviderHealth.Unhealthy, "down");
        };
        Advance(clock, TimeSpan.FromSeconds(60));
        catalog.GetProviders()[0].Health.Should().Be(ProviderHealth.Unhealthy);

        _configuration.Edit(static d => d["Providers:Health:Enabled"] = "false");
        asked = 0;
        SpinWait.SpinUntil(() => catalog.GetProviders()[0].Health is ProviderHealth.Unknown, TimeSpan.FromMinutes(2)).Should().BeTrue("the probe has let go");
        Advance(clock, TimeSpan.FromSeconds(60));
        asked.Should().Be(0);
        (await services.GetRequiredService<IChatClient>().GetResponseAsync("hi")).GetProvider().Should().Be("a");

        _configuration.Edit(static d => d["Providers:Health:Enabled"] = "true");
        SpinWait.SpinUntil(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(100));
                return catalog.GetProviders()[0].Health is ProviderHealth.Unhealthy;
            },
            TimeSpan.FromMinutes(2)).Should().BeTrue("they run again");
    }

    /// <summary>What an operator ordered is in no file, so no edit of a file takes it back.</summary>
    [Theory]
    [InlineData("Providers:Providers:a:MaxConcurrency", "5", 3)]
    [InlineData("Providers:Circuit:BreakDuration", "00:00:07", 2)]
    [InlineData("Providers:Providers:a:Endpoint", "http://127.0.0.1:1", 3)]
    public async Task Reload_OtherLimitsOrAnotherEndpoint_ADrainAndAnIsolationHold(string key, string value, int made)
    {
        await using ServiceProvider services = Services();
        IProviderCatalog catalog = services.GetRequiredService<IProviderCatalog>();
        await catalog.DrainAsync("a");
        catalog.Isolate("a");
        _configuration.Edit(d => d[key] = value);
        _factory.Made.Should().HaveCount(made);
        ProviderStatus a = catalog.GetProviders().First(static p => p.Descriptor.Name == "a");
        a.IsDraining.Should().BeTrue();
        a.Targets.Should().ContainSingle().Which.Circuit.Should().Be(CircuitState.Isolated);
        catalog.GetProviders().First(static p => p.Descriptor.Name == "b").IsDraining.Should().BeFalse();
        catalog.Enable("a");
        (await services.GetRequiredService<IChatClient>().GetResponseAsync("hi")).GetProvider().Should().Be("a");
    }

    /// <summary>A factory is somebody else's code, and whoever watches the file calls it: what it throws must end neither.</summary>
    [Theory]
    [InlineData("reading", 0)]
    [InlineData("making", 1)]
    public async Task Reload_AFactoryThrows_IsCountedAndTheLastGoodServes(string when, int made)
    {
        await using ServiceProvider services = Services();
        using MetricCollector<long> reloads = new(services.GetRequiredService<IMeterFactory>(), "Providers", "config.reload");
        FluentActions.Invoking(() => _configuration.Edit(d =>
        {
            d["Providers:Providers:a:Endpoint"] = "http://127.0.0.1:1";
            d["Providers:Providers:b:Throws"] = when;
        })).Should().NotThrow();
        reloads.GetMeasurementSnapshot().Should().ContainSingle().Which.Tags["result"].Should().Be("failure");
        (await services.GetRequiredService<IChatClient>().GetResponseAsync("hi")).GetProvider().Should().Be("a");
        _factory.Made.Take(2).Should().OnlyContain(static p => p.Disposals == 0);
        _factory.Made.Skip(2).Select(static p => p.Disposals).Should().Equal(Enumerable.Repeat(1, made), "what was made before it threw is let go again");
        _configuration.Edit(static d => d["Providers:Providers:b:Throws"] = null);
        reloads.GetMeasurementSnapshot()[^1].Tags["result"].Should().Be("success");
    }

    [Fact]
    public async Task Reload_AfterDispose_IsIgnored()
    {
        ServiceProvider services = Services();
        services.GetRequiredService<IChatClient>();
        await services.DisposeAsync();
        _configuration.Edit(static d => d["Providers:Providers:a:Endpoint"] = "x");
        _factory.Made.Should().HaveCount(2);
    }

    private static void Advance(FakeTimeProvider clock, TimeSpan span)
    {
        for (TimeSpan at = TimeSpan.Zero; at < span; at += TimeSpan.FromMilliseconds(100))
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    private static async Task<int> AskUntilAsync(IChatClient chat, CancellationToken stop)
    {
        int served = 0;
        while (!stop.IsCancellationRequested)
        {
            (await chat.GetResponseAsync("hi", cancellationToken: CancellationToken.None)).GetProvider().Should().Be("a");
            served++;
            await Task.Delay(1, CancellationToken.None);
        }

        return served;
    }

    private ServiceProvider Services(TimeProvider? clock = null, bool probes = false)
    {
        _configuration.Edit(static d =>
        {
            d["Providers:Providers:a:Kind"] = "Fake";
            d["Providers:Providers:b:Kind"] = "Fake";
            d["Providers:Routes:r:Targets:0:Provider"] = "a";
            d["Providers:Routes:r:Targets:1:Provider"] = "b";
        });
        ServiceCollection services = new();
        services.AddSingleton<IProviderFactory>(_factory);
        services.AddSingleton(clock ?? TimeProvider.System);
        services.AddMetrics();
        services.AddCompositeProvider(_configuration.Root.GetSection("Providers"), b => b.Configure(o => o.Health.Enabled &= probes));
        ServiceProvider provider = services.BuildServiceProvider();
        provider.GetRequiredService<IChatClient>();
        foreach (IHostedService service in probes ? provider.GetServices<IHostedService>() : [])
        {
            service.StartAsync(default).GetAwaiter().GetResult();
        }

        return provider;
    }

    private sealed class EditableConfiguration
    {
        private readonly Source _source = new();

        public EditableConfiguration() => Root = new ConfigurationBuilder().Add(_source).Build();

        public IConfigurationRoot Root { get; }

        public IReadOnlyDictionary<string, string?> Data => _source.Provider.Values;

        public void Edit(Action<IDictionary<string, string?>> edit) => _source.Provider.Edit(edit);

        private sealed class Source : IConfigurationSource
        {
            public Provider Provider { get; } = new();

            public IConfigurationProvider Build(IConfigurationBuilder builder) => Provider;
        }

        private sealed class Provider : ConfigurationProvider
        {
            public IReadOnlyDictionary<string, string?> Values => (IReadOnlyDictionary<string, string?>)Data;

            public void Edit(Action<IDictionary<string, string?>> edit)
            {
                edit(Data);
                foreach (string gone in Data.Where(static p => p.Value is null).Select(static p => p.Key).ToArray())
                {
                    Data.Remove(gone);
                }

                OnReload();
            }
        }
    }
}
