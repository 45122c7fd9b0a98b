using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Providers.Memory;

namespace Providers.Orchestration;

/// <summary>Registers the parts of an engine, whichever engine it is.</summary>
internal static class EngineRegistration
{
    /// <summary>Adds what runs steps. Adding it again does nothing.</summary>
    public static void AddSteps(this IServiceCollection services)
    {
        if (services.Any(static s => s.ServiceType == typeof(StepRegistry)))
        {
            return;
        }

        services.AddOptionsWithValidateOnStart<WorkflowOptions, WorkflowOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.Insert(0, BuiltIn("chat", static s => new ChatStep(s.GetRequiredService<IChatClient>()))); // first, so that a host's own of the same name counts
        services.Insert(0, BuiltIn("embed", static s => new EmbedStep(s.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>())));
        services.Insert(0, BuiltIn("memory.store", static s => new MemoryStoreStep(s.GetRequiredService<IMemoryService>())));
        services.Insert(0, BuiltIn("memory.search", static s => new MemorySearchStep(s.GetRequiredService<IMemoryService>())));
        services.AddSingleton<StepRegistry>();
        services.AddSingleton<StepRunner>();
        services.TryAddSingleton(static s => EngineSurroundings.Of(s.GetRequiredService<TimeProvider>(), s.GetService<ILoggerFactory>()));
    }

    /// <summary>Adds the engine of one process, unless there is one.</summary>
    public static void AddLocalEngine(this IServiceCollection services)
    {
        if (services.Any(static s => s.ServiceType == typeof(IWorkflowEngine)))
        {
            return;
        }

        services.TryAddSingleton<IWorkflowStore>(static s => new MemoryWorkflowStore(s.GetRequiredService<IMemoryStore>()));
        services.AddSingleton<WorkflowEngine>();
        services.AddSingleton<IWorkflowEngine>(static s => s.GetRequiredService<WorkflowEngine>());
        services.Add(ServiceDescriptor.Singleton<IHostedService, WorkflowEngine>(static s => s.GetRequiredService<WorkflowEngine>()));
    }

    /// <summary>Puts another engine in the place of the one of this process, or of any other.</summary>
    public static void ReplaceEngine(this IServiceCollection services, Func<IServiceProvider, IWorkflowEngine> create)
    {
        for (int i = services.Count - 1; i >= 0; i--)
        {
            ServiceDescriptor service = services[i];
            if (service.ServiceType == typeof(IWorkflowEngine) || service.ServiceType == typeof(WorkflowEngine)
                || (service.ServiceType == typeof(IHostedService) && !service.IsKeyedService && service.ImplementationFactory is Func<IServiceProvider, WorkflowEngine>))
            {
                services.RemoveAt(i);
            }
        }

        services.AddSingleton(create);
    }

    private static ServiceDescriptor BuiltIn(string name, Func<IServiceProvider, IWorkflowStep> create) => ServiceDescriptor.Singleton(new StepRegistration(name, create));
}
