using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;
using Providers.Testing;

namespace Providers.FeatureManagement.Tests;

public sealed class FeatureGateTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeLogCollector _logs = new();
    private readonly IConfigurationRoot _configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["feature_management:feature_flags:0:id"] = "on",
        ["feature_management:feature_flags:0:enabled"] = "true",
        ["feature_management:feature_flags:1:id"] = "off",
        ["feature_management:feature_flags:1:enabled"] = "false",
        ["feature_management:feature_flags:2:id"] = "for-alice",
        ["feature_management:feature_flags:2:enabled"] = "true",
        ["feature_management:feature_flags:2:conditions:client_filters:0:name"] = "Microsoft.Targeting",
        ["feature_management:feature_flags:2:conditions:client_filters:0:parameters:Audience:Users:0"] = "alice",
        ["feature_management:feature_flags:2:conditions:client_filters:0:parameters:Audience:DefaultRolloutPercentage"] = "0",
        ["feature_management:feature_flags:3:id"] = "off-for-bob",
        ["feature_management:feature_flags:3:enabled"] = "true",
        ["feature_management:feature_flags:3:variants:0:name"] = "None",
        ["feature_management:feature_flags:3:variants:0:status_override"] = "Disabled",
        ["feature_management:feature_flags:3:allocation:user:0:variant"] = "None",
        ["feature_management:feature_flags:3:allocation:user:0:users:0"] = "bob",
    }).Build();

    [Theory]
    [InlineData("on", true)]
    [InlineData("off", false)]
    [InlineData("!on", false)]
    [InlineData("!off", true)]
    [InlineData("typo", false)]
    [InlineData("!typo", false)]
    public async Task Gate_FollowsItsFlag_AndIsClosedWhereThereIsNone(string gate, bool open)
    {
        await using ServiceProvider services = Services();
        services.GetRequiredService<IRouteGate>().IsOpen(gate).Should().Be(open);
    }

    [Fact]
    public async Task UnknownFlag_WarnsOnceAndIsCounted()
    {
        await using ServiceProvider services = Services(static o => o.OpenWhenUnknown["!kill"] = true);
        IRouteGate gate = services.GetRequiredService<IRouteGate>();
        using MetricCollector<long> unknown = new(services.GetRequiredService<IMeterFactory>(), "Providers", "feature.unknown");
        for (int i = 0; i < 5; i++)
        {
            gate.IsOpen("!kill").Should().BeTrue("the host said so");
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        unknown.GetMeasurementSnapshot().Should().ContainSingle().Which.Tags["flag"].Should().Be("kill");
        _logs.GetSnapshot().Should().ContainSingle(static l => l.Id.Id == 300).Which.Message.Should().Contain("'kill'").And.Contain("open");
    }

    [Fact]
    public async Task Flag_Flipped_IsSeenAfterTheRefreshInterval()
    {
        await using ServiceProvider services = Services();
        IRouteGate gate = services.GetRequiredService<IRouteGate>();
        gate.IsOpen("on").Should().BeTrue();
        _configuration["feature_management:feature_flags:0:enabled"] = "false";
        _configuration.Reload();
        gate.IsOpen("on").Should().BeTrue("the answer is reused for a second");
        _clock.Advance(TimeSpan.FromSeconds(1));
        gate.IsOpen("on").Should().BeFalse();
    }

    [Theory]
    [InlineData("for-alice")]
    [InlineData("off-for-bob")]
    public async Task Flag_ForSomeUsers_IsAskedForEachOfThem(string flag)
    {
        Users users = new();
        await using ServiceProvider services = Services(services: s => s.AddSingleton<ITargetingContextAccessor>(users), targeting: true);
        IRouteGate gate = services.GetRequiredService<IRouteGate>();
        for (int i = 0; i < 3; i++)
        {
            users.Now = "alice";
            gate.IsOpen(flag).Should().BeTrue();
            users.Now = "bob";
            gate.IsOpen(flag).Should().BeFalse();
        }
    }

    /// <summary>What one user was told is no answer for another: while there is none, the safe side serves.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Flag_ForSomeUsers_WhoseSourceIsSlowOrFails_GivesNobodyTheAnswerOfAnother(bool slow)
    {
        Users users = new() { Now = "alice" };
        Source source = new() { Find = static name => Task.FromResult<FeatureDefinition?>(ForAlice(name)) };
        await using ServiceProvider services = Services(
            services: s => s.AddSingleton<ITargetingContextAccessor>(users).AddSingleton<IFeatureDefinitionProvider>(source), targeting: true);
        IRouteGate gate = services.GetRequiredService<IRouteGate>();
        gate.IsOpen("x").Should().BeTrue();
        source.Find = slow ? static _ => new TaskCompletionSource<FeatureDefinition?>().Task : static _ => throw new TimeoutException();
        users.Now = "bob";
        gate.IsOpen("x").Should().BeFalse();
        gate.IsOpen("x").Should().BeFalse();
        source.Find = static name => Task.FromResult<FeatureDefinition?>(ForAlice(name));
        users.Now = "alice";
        gate.IsOpen("x").Should().BeTrue();
    }

    [Fact]
    public async Task FlagSource_FailsAfterwards_LastAnswerStays()
    {
        Source source = new() { Find = static name => Task.FromResult<FeatureDefinition?>(On(name)) };
        await using ServiceProvider services = Services(services: s => s.AddSingleton<IFeatureDefinitionProvider>(source));
        IRouteGate gate = services.GetRequiredService<IRouteGate>();
        using MetricCollector<long> failures = new(services.GetRequiredService<IMeterFactory>(), "Providers", "feature.failures");
        gate.IsOpen("x").Should().BeTrue();
        source.Find = static _ => Task.FromException<FeatureDefinition?>(new IOException("the flag service is gone"));
        _clock.Advance(TimeSpan.FromSeconds(2));
        gate.IsOpen("x").Should().BeTrue();
        gate.IsOpen("never-read").Should().BeFalse("the safe side");
        failures.GetMeasurementSnapshot().Should().HaveCount(2);
        _logs.GetSnapshot().Should().Contain(static l => l.Id.Id == 301 && l.Message.Contains("open")).And.Contain(static l => l.Id.Id == 301 && l.Message.Contains("closed"));
    }

    [Fact]
    public async Task FlagSource_IsSlow_SafeSideUntilItAnswersAndOneQuestionAtATime()
    {
        TaskCompletionSource<FeatureDefinition?> answer = new();
        int asked = 0;
        Source source = new()
        {
            Find = _ =>
            {
                asked++;
                return answer.Task;
            },
        };
        await using ServiceProvider services = Services(services: s => s.AddSingleton<IFeatureDefinitionProvider>(source));
        IRouteGate gate = services.GetRequiredService<IRouteGate>();
        gate.IsOpen("x").Should().BeFalse();
        gate.IsOpen("x").Should().BeFalse();
        asked.Should().Be(1);
        answer.SetResult(On("x"));
        SpinWait.SpinUntil(() => gate.IsOpen("x"), TimeSpan.FromMinutes(2)).Should().BeTrue();
    }

    [Fact]
    public async Task Composite_ClosedTargetAndClosedRoute_TakeNoTraffic()
    {
        await using ServiceProvider services = Services(services: static s => s.AddCompositeProvider(static c => c
            .AddProvider("new", static _ => new ScriptedProvider("new"))
            .AddProvider("old", static _ => new ScriptedProvider("old"))
            .Configure(static o =>
            {
                o.Health.Enabled = false;
                o.DefaultRoute = "r";
                o.Routes["r"] = new RouteOptions { Targets = { new TargetOptions { Provider = "new", Gate = "on" }, new TargetOptions { Provider = "old" } } };
                o.Routes["shut"] = new RouteOptions { Gate = "off", Targets = { new TargetOptions { Provider = "old" } } };
            })));
        IChatClient chat = services.GetRequiredService<IChatClient>();
        (await chat.GetResponseAsync("hi")).GetProvider().Should().Be("new");
        _configuration["feature_management:feature_flags:0:enabled"] = "false";
        _configuration.Reload();
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await chat.GetResponseAsync("hi")).GetProvider().Should().Be("old");
        (await FluentActions.Awaiting(() => chat.GetResponseAsync("hi", new ChatOptions { ModelId = "shut" })).Should().ThrowAsync<NoProvidersAvailableException>())
            .Which.Targets.Should().OnlyContain(static t => t.Skipped == SkipReason.GateOff);
    }

    [Fact]
    public void Gates_WithoutAFeatureManager_SayWhatToCall()
    {
        using ServiceProvider services = new ServiceCollection().AddProviderFeatureGates().BuildServiceProvider();
        services.Invoking(static s => s.GetRequiredService<IRouteGate>()).Should().Throw<InvalidOperationException>().WithMessage("*AddFeatureManagement()*");
    }

    [Fact]
    public void RefreshInterval_OutOfRange_IsRefused()
    {
        FeatureGateOptions options = new();
        options.Invoking(static o => o.RefreshInterval = TimeSpan.FromMinutes(11)).Should().Throw<ArgumentOutOfRangeException>();
        options.Invoking(static o => o.RefreshInterval = TimeSpan.FromTicks(-1)).Should().Throw<ArgumentOutOfRangeException>();
        options.RefreshInterval.Should().Be(TimeSpan.FromSeconds(1));
        options.RefreshInterval = TimeSpan.FromMinutes(10);
        options.RefreshInterval.Should().Be(TimeSpan.FromMinutes(10));
    }

    /// <summary>No answer was ever had: each gate goes to its safe side, which the host may have said is open.</summary>
    [Fact]
    public void FlagSource_FailsFromTheStart_GatesGoToTheirSafeSide()
    {
        Source source = new() { Find = static _ => throw new TimeoutException() };
        using ServiceProvider services = Services(static o => o.OpenWhenUnknown["b"] = true, s => s.AddSingleton<IFeatureDefinitionProvider>(source));
        IRouteGate gate = services.GetRequiredService<IRouteGate>();
        (gate.IsOpen("a"), gate.IsOpen("!a"), gate.IsOpen("b")).Should().Be((false, false, true));
        _clock.Advance(TimeSpan.FromSeconds(2));
        source.Find = static name => Task.FromResult<FeatureDefinition?>(On(name));
        (gate.IsOpen("a"), gate.IsOpen("!a"), gate.IsOpen("b")).Should().Be((true, false, true));
        _clock.Advance(TimeSpan.FromSeconds(2));
        source.Find = static _ => throw new TimeoutException();
        (gate.IsOpen("a"), gate.IsOpen("!a")).Should().Be((true, false), "the last answer stays");
    }

    /// <summary>A host without metrics has gates all the same.</summary>
    [Fact]
    public void Gate_InAHostWithoutMetrics_Works()
    {
        using ServiceProvider services = Services(services: static s => s.RemoveAll<IMeterFactory>());
        services.GetRequiredService<IRouteGate>().IsOpen("nobody-defined-this").Should().BeFalse();
    }

    private ServiceProvider Services(Action<FeatureGateOptions>? configure = null, Action<IServiceCollection>? services = null, bool targeting = false)
    {
        ServiceCollection collection = new();
        collection.AddSingleton<IConfiguration>(_configuration);
        collection.AddSingleton<TimeProvider>(_clock);
        collection.AddMetrics();
        collection.AddLogging(b => b.AddProvider(new FakeLoggerProvider(_logs)));
        IFeatureManagementBuilder features = collection.AddFeatureManagement();
        if (targeting)
        {
            features.AddFeatureFilter<ContextualTargetingFilter>().AddFeatureFilter<TargetingFilter>();
        }

        collection.AddProviderFeatureGates(configure);
        services?.Invoke(collection);
        return collection.BuildServiceProvider();
    }

    private static FeatureDefinition On(string name) => new() { Name = name, EnabledFor = [new FeatureFilterConfiguration { Name = "AlwaysOn" }] };

    private static FeatureDefinition ForAlice(string name) => new()
    {
        Name = name,
        EnabledFor =
        [
            new FeatureFilterConfiguration
            {
                Name = "Microsoft.Targeting",
                Parameters = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Audience:Users:0"] = "alice", ["Audience:DefaultRolloutPercentage"] = "0" }).Build(),
            },
        ],
    };

    private sealed class Users : ITargetingContextAccessor
    {
        public string Now { get; set; } = "";

        public ValueTask<TargetingContext> GetContextAsync() => new(new TargetingContext { UserId = Now });
    }

    private sealed class Source : IFeatureDefinitionProvider
    {
        public Func<string, Task<FeatureDefinition?>> Find { get; set; } = static _ => Task.FromResult<FeatureDefinition?>(null);

        public Task<FeatureDefinition> GetFeatureDefinitionAsync(string featureName) => Find(featureName)!;

        public async IAsyncEnumerable<FeatureDefinition> GetAllFeatureDefinitionsAsync()
        {
            await Task.CompletedTask;
            yield break;
        }
    }
}
