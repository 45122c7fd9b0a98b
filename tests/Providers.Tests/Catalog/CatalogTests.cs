using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Providers.Tests.Support;

namespace Providers.Tests.Catalog;

public sealed class CatalogTests
{
    private readonly FakeProvider _first = new("first");
    private readonly FakeProvider _second = new("second");

    [Fact]
    public async Task Drain_WhileServing_FinishesWhatItHasAndTakesNothingNew()
    {
        TaskCompletionSource<ChatResponse> slow = new();
        _first.Answer = (_, _) => slow.Task;
        await using TestComposite composite = new([_first, _second]);
        Task<ChatResponse> underWay = composite.AskAsync();
        Task drained = composite.Catalog.DrainAsync("FIRST");
        composite.Catalog.GetProviders()[0].IsDraining.Should().BeTrue();
        (await composite.AskAsync()).GetProvider().Should().Be("second");
        drained.IsCompleted.Should().BeFalse();
        slow.SetResult(Reply.Whole("last"));
        await drained;
        (await underWay).Text.Should().Be("last");
        composite.Catalog.Enable("first");
        (await composite.AskAsync()).GetProvider().Should().Be("first");
    }

    [Fact]
    public async Task Isolate_OneModel_OnlyThatOneTakesNoTraffic()
    {
        _first.Descriptor = new ProviderDescriptor("first", "Fake") { Models = [new ModelDescriptor("a"), new ModelDescriptor("b")] };
        await using TestComposite composite = new([_first], static o =>
        {
            o.Routes["r"] = new RouteOptions();
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "first", Model = "a" });
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "first", Model = "b" });
        });
        composite.Catalog.Isolate("first", "a");
        (await composite.AskAsync()).AdditionalProperties![ResponseAnnotations.Model].Should().Be("b");
        composite.Catalog.GetRoutes()[0].Targets.Select(static t => t.Circuit).Should().Equal(CircuitState.Isolated, CircuitState.Closed);
        composite.Catalog.GetRoutes()[0].Targets[0].RetryAfter.Should().Be(TimeSpan.MaxValue);
        composite.Catalog.Enable("first", "a");
        (await composite.AskAsync()).AdditionalProperties![ResponseAnnotations.Model].Should().Be("a");
    }

    [Fact]
    public async Task Verbs_UnknownName_SayWhatThereIs()
    {
        await using TestComposite composite = new([_first, _second]);
        FluentActions.Invoking(() => composite.Catalog.Isolate("ghost")).Should().Throw<ArgumentException>().WithMessage("*ghost*first, second*");
        FluentActions.Invoking(() => composite.Catalog.Enable("first", "ghost")).Should().Throw<ArgumentException>().WithMessage("*ghost*(default)*");
        await FluentActions.Awaiting(() => composite.Catalog.DrainAsync("ghost")).Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task Probes_ProviderGoesAndComesBack_TrafficFollows()
    {
        bool up = true;
        _first.Health = () => up ? new ProviderHealthReport(ProviderHealth.Healthy, "fine") : throw new IOException("dead");
        await using TestComposite composite = new([_first, _second], static o => o.Health.Enabled = true);
        foreach (IHostedService service in composite.Services.GetServices<IHostedService>())
        {
            await service.StartAsync(default);
        }

        composite.Catalog.GetProviders()[0].Health.Should().Be(ProviderHealth.Healthy);
        up = false;
        composite.Clock.Advance(TimeSpan.FromSeconds(11));
        composite.Catalog.GetProviders()[0].Health.Should().Be(ProviderHealth.Healthy, "one failed probe may be chance");
        composite.Clock.Advance(TimeSpan.FromSeconds(11));
        composite.Catalog.GetProviders()[0].Health.Should().Be(ProviderHealth.Unhealthy);
        composite.Catalog.GetProviders()[0].HealthDetail.Should().Contain("IOException");
        (await composite.AskAsync()).GetProvider().Should().Be("second");
        up = true;
        composite.Clock.Advance(TimeSpan.FromSeconds(11));
        (await composite.AskAsync()).GetProvider().Should().Be("first");
    }

    [Fact]
    public async Task Probes_ServerNeverAnswers_AreLeftBehindAtTheirLimit()
    {
        HangingProbe provider = new();
        await using TestComposite composite = new([_second], static o => o.Health.Enabled = true, b => b.AddProvider("stuck", _ => provider));
        foreach (IHostedService service in composite.Services.GetServices<IHostedService>())
        {
            await service.StartAsync(default);
        }

        composite.Clock.Advance(TimeSpan.FromSeconds(3));
        composite.Clock.Advance(TimeSpan.FromSeconds(11));
        composite.Clock.Advance(TimeSpan.FromSeconds(3));
        composite.Catalog.GetProviders().Single(static p => p.Descriptor.Name == "stuck").HealthDetail.Should().Contain("within 3 s");
    }

    [Fact]
    public async Task HealthCheck_FollowsRoutesAndProviders()
    {
        await using TestComposite composite = new([_first, _second], services: static s => s.AddHealthChecks().AddProviders());
        HealthCheckService checks = composite.Services.GetRequiredService<HealthCheckService>();
        (await checks.CheckHealthAsync()).Status.Should().Be(HealthStatus.Healthy);
        composite.Catalog.Isolate("first");
        HealthReport degraded = await checks.CheckHealthAsync();
        degraded.Status.Should().Be(HealthStatus.Degraded);
        degraded.Entries["providers"].Description.Should().Contain("first");
        composite.Catalog.Isolate("second");
        HealthReport dead = await checks.CheckHealthAsync();
        dead.Status.Should().Be(HealthStatus.Unhealthy);
        dead.Entries["providers"].Description.Should().Contain("default");
        dead.Entries["providers"].Data["second"].Should().Be("Unknown, default Isolated");
    }

    private sealed class HangingProbe : IModelProvider
    {
        public ProviderDescriptor Descriptor { get; } = new("stuck", "Fake");

        public IChatClient? ChatClient => null;

        public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator => null;

        public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default) => new(Reply.Never<ProviderHealthReport>(default));

        public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new(Descriptor.Models);

        public ProviderFailure Classify(Exception exception) => new(FailureKind.Unknown, "");
    }

    [Fact]
    public async Task Explain_SaysTheOrderAndWhyNotTheOthers()
    {
        FakeProvider third = new("third") { Descriptor = new ProviderDescriptor("third", "Fake") { IsLocal = true } };
        await using TestComposite composite = new([_first, _second, third]);
        composite.Catalog.Explain().Candidates.Select(static c => c.Provider).Should().Equal("first", "second", "third");
        composite.Catalog.Isolate("first");
        RouteExplanation now = composite.Catalog.Explain();
        now.Policy.Should().Be("Priority");
        now.Candidates.Select(static c => (c.Provider, c.Skipped)).Should().Equal(("second", SkipReason.None), ("third", SkipReason.None), ("first", SkipReason.Isolated));
        now.Candidates[2].RetryAfter.Should().Be(TimeSpan.MaxValue);
        composite.Catalog.Explain(null, new RouteNeeds { LocalOnly = true }).Candidates.Where(static c => c.Skipped is SkipReason.None).Select(static c => c.Provider).Should().Equal("third");
        composite.Catalog.Explain(null, new RouteNeeds { Kind = ModelCapabilities.Rerank }).Candidates.Should().OnlyContain(static c => c.Skipped != SkipReason.None);
        (await composite.AskAsync()).GetProvider().Should().Be("second");
    }

    [Fact]
    public async Task Explain_Embeddings_IsOfTheRouteThatEmbedsAndOfItsSpaceOnly()
    {
        static FakeProvider Embedder(string name, string space) => new(name)
        {
            Chats = false,
            Embeds = true,
            Descriptor = new ProviderDescriptor(name, "Fake") { Models = [new ModelDescriptor("m") { Capabilities = ModelCapabilities.Embeddings, VectorSpace = space }] },
        };
        await using TestComposite composite = new([_first, Embedder("a", "one"), Embedder("b", "other"), Embedder("c", "one")], static o =>
        {
            o.Routes["default"] = new RouteOptions();
            o.Routes["default"].Targets.Add(new TargetOptions { Provider = "first" });
            o.Routes["embed"] = new RouteOptions();
            foreach (string name in (string[])["a", "b", "c"])
            {
                o.Routes["embed"].Targets.Add(new TargetOptions { Provider = name });
            }
        });
        RouteExplanation found = composite.Catalog.Explain(null, new RouteNeeds { Kind = ModelCapabilities.Embeddings });
        found.Route.Should().Be("embed", "a request for embeddings that names no route takes it");
        found.Candidates.Select(static c => (c.Provider, c.Skipped)).Should().Equal(("a", SkipReason.None), ("c", SkipReason.None), ("b", SkipReason.MissingCapability));
        composite.Catalog.Explain().Route.Should().Be("default");
        (await composite.Embeddings.GenerateAsync(["x"])).AdditionalProperties![ResponseAnnotations.Provider].Should().Be("a");
    }

    [Fact]
    public async Task Explain_TargetDown_IsALastResort()
    {
        _first.Answer = static (_, _) => throw new IOException("reset");
        await using TestComposite composite = new([_first, _second]);
        for (int i = 0; i < 20; i++)
        {
            await composite.AskAsync();
        }

        RouteCandidate last = composite.Catalog.Explain().Candidates[^1];
        (last.Provider, last.Skipped, last.IsLastResort).Should().Be(("first", SkipReason.CircuitOpen, true));
        last.RetryAfter.Should().BePositive();
    }

    [Fact]
    public async Task Explain_InTurn_TakesNobodysTurn()
    {
        await using TestComposite composite = new([_first, _second], static o =>
        {
            o.Routes["r"] = new RouteOptions { Policy = SelectionPolicy.RoundRobin };
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "first" });
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "second" });
        });
        for (int i = 0; i < 3; i++)
        {
            composite.Catalog.Explain("r").Candidates[0].Provider.Should().Be("first");
        }

        (await composite.AskAsync()).GetProvider().Should().Be("first");
        composite.Catalog.Explain("r").Candidates[0].Provider.Should().Be("second");
    }

    [Fact]
    public async Task Explain_UnknownRoute_SaysWhatThereIs()
    {
        await using TestComposite composite = new([_first], static o =>
        {
            o.Routes["r"] = new RouteOptions();
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "first", Model = "a" });
        });
        FluentActions.Invoking(() => composite.Catalog.Explain("ghost")).Should().Throw<ArgumentException>().WithMessage("*ghost*Known are*r*");
    }
}
