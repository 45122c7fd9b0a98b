using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using Providers.Memory;
using Providers.Tools;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>What a host gets, and is told when it lacks something.</summary>
public sealed class RegistrationTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Silo_WithTheEngineOfOneProcess_HasOneEngine(bool localFirst)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        if (localFirst)
        {
            builder.Services.AddOrchestration();
        }

        builder.UseOrleans(static silo => Kept(silo).AddOrleansWorkflows().AddOrleansWorkflows());
        if (!localFirst)
        {
            builder.Services.AddOrchestration();
        }

        builder.Services.Count(static s => s.ServiceType == typeof(IWorkflowEngine)).Should().Be(1);
        builder.Services.Count(static s => s.ServiceType == typeof(IToolset)).Should().Be(1);
        builder.Services.Should().Contain(static s => s.ServiceType == typeof(OrleansWorkflowEngine)).And.NotContain(static s => s.ServiceType == typeof(WorkflowEngine));
        builder.Services.Where(static s => s.ServiceType == typeof(IHostedService) && s.ImplementationFactory is Func<IServiceProvider, WorkflowEngine>).Should().BeEmpty();
    }

    [Fact]
    public async Task Silo_WithTheToolsOfOneProcess_DrivesTheCluster()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup(1) { More = static (_, services) => services.AddSingleton<IMemoryStore>(new InMemoryStore()).AddOrchestration() });
        IServiceProvider services = cluster.Silos[0].SiloHost.Services;
        services.GetRequiredService<IWorkflowEngine>().Should().BeOfType<OrleansWorkflowEngine>();
        services.GetServices<IToolset>().Should().ContainSingle().Which.Tools.Select(static f => f.Name).Should().Contain("workflow_cancel");
    }

    [Fact]
    public async Task Silo_WithoutStorage_SaysWhatToCall() =>
        (await FluentActions.Awaiting(() => StartAsync(static silo => silo.UseInMemoryReminderService().AddOrleansWorkflows())).Should().ThrowAsync<OrleansConfigurationException>())
            .WithMessage("*no grain storage*'workflows'*AddPostgresWorkflowStorage*");

    [Fact]
    public async Task Silo_WithoutReminders_SaysWhatToCall() =>
        (await FluentActions.Awaiting(() => StartAsync(static silo => silo.AddMemoryGrainStorage(OrleansWorkflowOptions.StorageName).AddOrleansWorkflows())).Should().ThrowAsync<OrleansConfigurationException>())
            .WithMessage("*no reminders*AddPostgresWorkflowStorage*");

    [Theory]
    [InlineData(30, "*ReminderSeconds is 30, less than the 00:01:00*")]
    [InlineData(0, "*ReminderSeconds*")]
    public async Task Options_OutOfRange_AreNamed(int seconds, string error) =>
        (await FluentActions.Awaiting(() => StartAsync(silo => Kept(silo).AddOrleansWorkflows(o => o.ReminderSeconds = seconds))).Should().ThrowAsync<OptionsValidationException>()).WithMessage(error);

    [Fact]
    public void Serializer_OfOtherState_IsRefused()
    {
        DocumentSerializer serializer = new();
        serializer.Deserialize<Document>(serializer.Serialize(new Document { Json = "{}" })).Json.Should().Be("{}");
        serializer.Deserialize<Document>(serializer.Serialize(new Document())).Json.Should().BeEmpty();
        FluentActions.Invoking(() => serializer.Serialize("x")).Should().Throw<NotSupportedException>().WithMessage("*'workflows'*String*");
        FluentActions.Invoking(() => serializer.Deserialize<string>(BinaryData.FromString("x"))).Should().Throw<NotSupportedException>();
    }

    private static ISiloBuilder Kept(ISiloBuilder silo) => silo.AddMemoryGrainStorage(OrleansWorkflowOptions.StorageName).UseInMemoryReminderService();

    private static async Task StartAsync(Action<ISiloBuilder> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering();
            configure(silo);
        });
        using IHost host = builder.Build();
        await host.StartAsync();
    }
}
