using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using Providers.Orchestration;
using Providers.Orchestration.Orleans;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds workflows to an Orleans cluster.</summary>
public static class OrleansWorkflowExtensions
{
    /// <summary>Adds <see cref="IWorkflowEngine"/> to a silo, which runs workflows with the handlers of its host. Calling it again changes only the options.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Changes the options; <see langword="null"/>: does not. Those of steps are <see cref="WorkflowOptions"/>, set as usual.</param>
    /// <returns>The same silo.</returns>
    /// <remarks>
    /// Every silo needs a grain storage named <see cref="OrleansWorkflowOptions.StorageName"/> and a reminder service, as
    /// <see cref="AddPostgresWorkflowStorage"/> gives both, and the same handlers. The engine of one process that <c>AddOrchestration</c> adds gives way to
    /// this one, whichever comes first; its tools then drive the cluster.
    /// </remarks>
    public static ISiloBuilder AddOrleansWorkflows(this ISiloBuilder builder, Action<OrleansWorkflowOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        IServiceCollection services = builder.Services;
        services.AddSteps();
        services.AddOptionsWithValidateOnStart<OrleansWorkflowOptions, OrleansWorkflowOptionsValidator>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OrleansWorkflowOptions>, OrleansWorkflowOptionsRelations>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigurationValidator, SiloCheck>());
        services.TryAddSingleton(SiloWorkflows.Of);
        services.AddClusterEngine();
        return builder;
    }

    /// <summary>Adds <see cref="IWorkflowEngine"/> to a client of a cluster: it starts and watches workflows, which run in the silos. Calling it again does nothing.</summary>
    /// <param name="builder">The client.</param>
    /// <returns>The same client.</returns>
    public static IClientBuilder AddOrleansWorkflows(this IClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddClusterEngine();
        return builder;
    }

    /// <summary>Keeps workflows and the reminders of the cluster in PostgreSQL, through Orleans' own ADO.NET providers.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="connectionString">How the server is reached, in Npgsql's words.</param>
    /// <param name="createSchema">
    /// <see langword="true"/>: what is missing of Orleans' tables is made when the silo starts, which its role must be allowed to. <see langword="false"/> (the default):
    /// the silo does not start while anything is missing; see <see cref="PostgresWorkflowSchema"/>.
    /// </param>
    /// <returns>The same silo.</returns>
    public static ISiloBuilder AddPostgresWorkflowStorage(this ISiloBuilder builder, string connectionString, bool createSchema = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        builder.AddAdoNetGrainStorage(OrleansWorkflowOptions.StorageName, (AdoNetGrainStorageOptions o) =>
        {
            o.Invariant = "Npgsql";
            o.ConnectionString = connectionString;
            o.DeleteStateOnClear = true;
            o.GrainStorageSerializer = new DocumentSerializer();
        });
        builder.UseAdoNetReminderService((AdoNetReminderTableOptions o) =>
        {
            o.Invariant = "Npgsql";
            o.ConnectionString = connectionString;
        });
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(new SchemaCheck(connectionString, createSchema));
        return builder;
    }

    private static void AddClusterEngine(this IServiceCollection services)
    {
        if (services.Any(static s => s.ServiceType == typeof(OrleansWorkflowEngine)))
        {
            return;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddSerializer(static s => s.AddAssembly(typeof(WorkflowGrain).Assembly));
        services.AddSingleton(static s => new OrleansWorkflowEngine(s.GetRequiredService<IGrainFactory>(), s.GetRequiredService<TimeProvider>()));
        services.ReplaceEngine(static s => s.GetRequiredService<OrleansWorkflowEngine>());
    }
}
