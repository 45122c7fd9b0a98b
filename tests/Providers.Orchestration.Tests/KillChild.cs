using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Providers.Conformance.Orchestration;
using Providers.Memory;

namespace Providers.Orchestration.Tests;

/// <summary>The host that <see cref="KillTests"/> kills, and the same host once more afterwards.</summary>
internal static class KillChild
{
    public const string Tenant = "acme";

    /// <summary>What the child does: goes on with what is open, and starts plan after plan, of which every third cannot finish.</summary>
    public static async Task RunAsync(string folder, int round)
    {
        await using ServiceProvider services = Host(folder);
        await Start(services);
        IWorkflowEngine engine = services.GetRequiredService<IWorkflowEngine>();
        using StreamWriter acknowledged = new(Console.OpenStandardOutput()) { AutoFlush = true };
        Queue<string> open = [];
        for (int number = 0; ; number++)
        {
            WorkflowStep[] steps = [.. Enumerable.Range(0, 4).Select(i => new WorkflowStep
            {
                Id = $"s{i}",
                Handler = i == 3 && number % 3 == 2 ? "fail" : "effect",
                DependsOn = i == 0 ? [] : [$"s{i - 1}"],
                MaxAttempts = 10,
                RetryDelay = TimeSpan.Zero,
            })];
            WorkflowSnapshot started = await engine.StartAsync(Tenant, new WorkflowDefinition { Name = $"{round}/{number}", Steps = steps, Strategy = WorkflowStrategy.Parallel });
            await acknowledged.WriteLineAsync(started.Id + ".");
            open.Enqueue(started.Id);
            if (open.Count >= 4)
            {
                await engine.WaitAsync(Tenant, open.Dequeue());
            }
        }
    }

    public static ServiceProvider Host(string folder)
    {
        ServiceCollection services = new();
        services.AddSqliteMemory(Path.Combine(folder, "memory.db")).AddOrchestration();
        services.AddWorkflowStep("effect", _ => new DelegateStep(
            async (context, token) =>
            {
                await File.WriteAllTextAsync(Effect(folder, context.WorkflowId, context.Step.Id), context.IdempotencyKey, token);
                return null;
            },
            (context, _) =>
            {
                File.Delete(Effect(folder, context.WorkflowId, context.Step.Id));
                return default;
            }));
        services.AddWorkflowStep("fail", _ => new DelegateStep(static (_, _) => throw new WorkflowStepException("It cannot be done.", retry: false)));
        return services.BuildServiceProvider();
    }

    public static Task Start(IServiceProvider services) => services.GetServices<IHostedService>().Single(static s => s is WorkflowEngine).StartAsync(CancellationToken.None);

    public static string Effect(string folder, string workflow, string step) => Path.Combine(folder, $"{workflow}.{step}");
}
