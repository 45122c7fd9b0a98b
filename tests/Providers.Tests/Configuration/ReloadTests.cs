using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
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

    /// <summary>Gate G17: a thousand invalid edits under load fail no request and leave the last good plan in force.</summary>
    [Fact]
    public async Task Reload_ThousandInvalidEdits_LastGoodServes()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        await using ServiceProvider services = Services();
        IChatClient chat = services.GetRequiredService<IChatClient>();
        string[] knobs =
        [
            "Providers:Timeouts:Total", "Providers:Retry:MaxRetries", "Providers:Circuit:FailureRatio", "Providers:DefaultRoute", "Providers:Routes:r:Policy",
            "Providers:Routes:r:Targets:0:Provider", "Providers:Routes:r:Targets:0:Weight", "Providers:Providers:a:Kind", "Providers:Providers:a:Broken", "Providers:Providers:b:MaxConcurrency",
        ];
        string[] values = ["-1", "NaN", "nonsense", "true", "99999999999999999999", "{}"];
        int refused = 0;
        for (int i = 0; i < 1_000; i++)
        {
            string knob = knobs[random.Next(knobs.Length)];
            string value = knob.EndsWith("Broken", StringComparison.Ordinal) ? "true" : values[random.Next(values.Length)];
            string? before = _configuration.Data.TryGetValue(knob, out string? old) ? old : null;
            _configuration.Edit(d => d[knob] = value);
            refused++;
            (await chat.GetResponseAsync("hi")).GetProvider().Should().Be("a", "seed {0}, edit {1}: {2} = {3}", seed, i, knob, value);
            _configuration.Edit(d => d[knob] = before);
        }

        refused.Should().Be(1_000);
        _factory.Made.Count(static p => p.Disposals > 0).Should().Be(_factory.Made.Count - 2, "what an invalid edit made is let go again");
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

    private ServiceProvider Services()
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
        services.AddCompositeProvider(_configuration.Root.GetSection("Providers"), static b => b.Configure(static o => o.Health.Enabled = false));
        ServiceProvider provider = services.BuildServiceProvider();
        provider.GetRequiredService<IChatClient>();
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
