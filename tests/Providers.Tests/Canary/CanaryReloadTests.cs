using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Providers.Plans;
using Providers.Tests.Support;

namespace Providers.Tests.Canary;

public sealed class CanaryReloadTests
{
    private readonly FakeLogCollector _logs = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));
    private readonly IConfigurationRoot _configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["Providers:Health:Enabled"] = "false",
        ["Providers:Providers:a:Kind"] = "Fake",
        ["Providers:Providers:b:Kind"] = "Fake",
        ["Providers:Routes:r:Targets:0:Provider"] = "a",
        ["Providers:Routes:r:Targets:1:Provider"] = "b",
        ["Providers:Routes:r:Targets:1:Canary:Steps:0"] = "10",
        ["Providers:Routes:r:Targets:1:Canary:Cooldown"] = "00:10:00",
    }).Build();

    [Fact]
    public async Task Reload_RolloutGoesOn_UnlessItsOwnOptionsChange()
    {
        await using ServiceProvider services = Services();
        IProviderCatalog catalog = services.GetRequiredService<IProviderCatalog>();
        catalog.ControlCanary("r", CanaryAction.Pause);
        Edit("Providers:Retry:MaxRetries", "1");
        Status(catalog).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.Paused && s.Decisions.Count == 1);
        Edit("Providers:Routes:r:Targets:1:Canary:Steps:0", "20");
        Status(catalog).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.Progressing && s.Weight == 20 && s.Decisions.Count == 0);
    }

    [Fact]
    public async Task Reload_ChangedSoonAfterARollback_CoolsDownFirst()
    {
        await using ServiceProvider services = Services();
        IProviderCatalog catalog = services.GetRequiredService<IProviderCatalog>();
        catalog.ControlCanary("r", CanaryAction.Abort);
        Edit("Providers:Routes:r:Targets:1:Canary:Steps:0", "20");
        Status(catalog).Should().Match<CanaryStatus>(static s => s.Phase == CanaryPhase.CoolingDown && s.Weight == 0 && s.CooldownLeft > TimeSpan.FromMinutes(9));
        catalog.Invoking(static c => c.ControlCanary("r", CanaryAction.Restart)).Should().Throw<InvalidOperationException>();
        _clock.Advance(TimeSpan.FromMinutes(11));
        Status(catalog).Decisions[0].Should().Match<CanaryDecision>(static d => d.Action == CanaryAction.Restart && d.Reason == "cooldown_over" && d.ToWeight == 20);
    }

    [Fact]
    public async Task Reload_CanaryRemoved_TargetIsAFullMember()
    {
        await using ServiceProvider services = Services();
        IProviderCatalog catalog = services.GetRequiredService<IProviderCatalog>();
        Edit("Providers:Routes:r:Targets:1:Canary:Steps:0", null);
        Edit("Providers:Routes:r:Targets:1:Canary:Cooldown", null);
        Edit("Providers:Routes:r:Targets:1:Canary", null);
        catalog.GetRoutes()[0].Canary.Should().BeNull();
        catalog.Invoking(static c => c.ControlCanary("r", CanaryAction.Pause)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task Reload_SeveralRoutesWithACanary_EachKeepsItsOwn()
    {
        Edit("Providers:Routes:s:Targets:0:Provider", "b");
        Edit("Providers:Routes:s:Targets:0:Canary:Steps:0", "30");
        Edit("Providers:Routes:s:Targets:1:Provider", "a");
        await using ServiceProvider services = Services();
        IProviderCatalog catalog = services.GetRequiredService<IProviderCatalog>();
        catalog.ControlCanary("s", CanaryAction.Pause);
        Edit("Providers:Retry:MaxRetries", "1");
        catalog.GetRoutes().Select(static r => (r.Name, r.Canary!.Phase, r.Canary.Weight)).Should().Equal(
            ("r", CanaryPhase.Progressing, 10.0), ("s", CanaryPhase.Paused, 30.0));
    }

    [Fact]
    public async Task Reload_ProviderIsMadeAnew_TheRolloutFollowsIt()
    {
        await using ServiceProvider services = Services();
        _ = services.GetRequiredService<IProviderCatalog>();
        RoutePlan before = TestComposite.HostOf(services).Plans.Current.Routes[0];
        Edit("Providers:Providers:b:Key", "another");
        RoutePlan after = TestComposite.HostOf(services).Plans.Current.Routes[0];
        after.Canary.Should().BeSameAs(before.Canary);
        after.Canary!.Target.Should().BeSameAs(after.Targets[1]).And.NotBeSameAs(before.Targets[1]);
    }

    [Fact]
    public async Task Reload_RolloutIsGone_DecidesNothingMore()
    {
        await using (ServiceProvider services = Services())
        {
            _ = services.GetRequiredService<IProviderCatalog>();
            Edit("Providers:Routes:r:Targets:1:Canary:Steps:0", "20");
            _clock.Advance(TimeSpan.FromMinutes(1));
            _logs.GetSnapshot().Where(static l => l.Id.Id == 200).Should().ContainSingle("of two rollouts one is in force").Which.Message.Should().Contain("from 20 % to 20 %");
        }

        _logs.Clear();
        _clock.Advance(TimeSpan.FromHours(2));
        _logs.GetSnapshot().Should().BeEmpty("the composite is gone, and its rollouts with it");
    }

    private void Edit(string key, string? value)
    {
        _configuration.Providers.Single().Set(key, value);
        if (value is null)
        {
            Remove(key);
        }

        _configuration.Reload();
    }

    // An in-memory provider keeps a key whose value is null; a file that lost it would not.
    private void Remove(string key)
    {
        var data = (Microsoft.Extensions.Configuration.Memory.MemoryConfigurationProvider)_configuration.Providers.Single();
        System.Reflection.PropertyInfo property = typeof(ConfigurationProvider).GetProperty("Data", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!;
        ((IDictionary<string, string?>)property.GetValue(data)!).Remove(key);
    }

    private static CanaryStatus Status(IProviderCatalog catalog) => catalog.GetRoutes()[0].Canary!;

    private ServiceProvider Services()
    {
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddSingleton<IProviderFactory>(new FakeFactory());
        services.AddLogging(b => b.AddProvider(new FakeLoggerProvider(_logs)));
        services.AddCompositeProvider(_configuration.GetSection("Providers"));
        return services.BuildServiceProvider();
    }
}
