using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Providers.Conformance.Orchestration;
using Providers.Memory;

namespace Providers.Orchestration.Tests;

/// <summary>Child processes die by kill -9 in the middle of plans; whoever comes after brings each plan to its end. WORKFLOW_KILLS sets how many, LONG_SEED when.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const string Tenant = "acme";

    [Fact]
    public async Task Engine_KilledInTheMiddleOfPlans_EachEndsWholeOrUndone()
    {
        int kills = Environment.GetEnvironmentVariable("WORKFLOW_KILLS") is { Length: > 0 } many ? int.Parse(many, CultureInfo.InvariantCulture) : 20;
        int seed = Environment.GetEnvironmentVariable("LONG_SEED") is { Length: > 0 } first ? int.Parse(first, CultureInfo.InvariantCulture) : 0;
        string folder = Directory.CreateTempSubdirectory("workflow-kill").FullName;
        try
        {
            HashSet<string> acknowledged = [];
            for (int round = 0; round < kills; round++)
            {
                using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
                {
                    ArgumentList = { "--list-tests" },
                    Environment = { ["WORKFLOW_KILL_CHILD"] = folder, ["WORKFLOW_KILL_ROUND"] = round.ToString(CultureInfo.InvariantCulture), ["DOTNET_TieredPGO"] = "0" },
                    RedirectStandardOutput = true,
                })!;
                int lines = new Random(seed + round).Next(1, 15);
                for (int i = 0; i < lines && child.StandardOutput.ReadLine() is { } line; i++)
                {
                    Note(line);
                }

                child.Kill();
                child.WaitForExit();
                while (child.StandardOutput.ReadLine() is { } line)
                {
                    Note(line);
                }
            }

            acknowledged.Should().NotBeEmpty();
            await using ServiceProvider services = Host(folder);
            await Start(services);
            IWorkflowEngine engine = services.GetRequiredService<IWorkflowEngine>();
            List<WorkflowSnapshot> all = [];
            string? cursor = null;
            do
            {
                (IReadOnlyList<WorkflowSnapshot> page, cursor) = await engine.ListAsync(Tenant, 200, cursor);
                all.AddRange(page);
            }
            while (cursor is not null);

            acknowledged.Should().BeSubsetOf(all.Select(static w => w.Id), "a start that was acknowledged is not forgotten");
            int completed = 0;
            foreach (WorkflowSnapshot open in all)
            {
                using CancellationTokenSource patience = new(TimeSpan.FromSeconds(120));
                WorkflowSnapshot end = (await engine.WaitAsync(Tenant, open.Id, patience.Token))!;
                end.IsEnded.Should().BeTrue("{0} is {1}", end.Id, end.Status);
                bool whole = end.Status is WorkflowStatus.Completed;
                completed += whole ? 1 : 0;
                foreach (WorkflowStepSnapshot step in end.Steps)
                {
                    File.Exists(Effect(folder, end.Id, step.Id)).Should().Be(whole, "seed {4}: workflow {0} is {1}, so step {2} {3}", end.Id, end.Status, step.Id, whole ? "had its effect" : "has none left", seed);
                }

                IReadOnlyList<WorkflowEvent> history = await engine.GetHistoryAsync(Tenant, end.Id);
                history.Select(static e => e.Sequence).Should().Equal(Enumerable.Range(1, history.Count).Select(static i => (long)i));
            }

            output.WriteLine($"long: {kills} kills in plans from seed {seed}, {all.Count} plans, {acknowledged.Count} acknowledged, {completed} completed, {all.Count - completed} undone");

            void Note(string line)
            {
                if (line.EndsWith('.'))
                {
                    acknowledged.Add(line[..^1]);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What the child does: goes on with what is open, and starts plan after plan, of which every third cannot finish.</summary>
    internal static async Task ChildAsync(string folder, int round)
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

    private static ServiceProvider Host(string folder)
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

    private static Task Start(IServiceProvider services) => services.GetServices<IHostedService>().Single(static s => s is WorkflowEngine).StartAsync(CancellationToken.None);

    private static string Effect(string folder, string workflow, string step) => Path.Combine(folder, $"{workflow}.{step}");
}

internal static class Program
{
    /// <summary>The runner's own way in, or the child that will be killed.</summary>
    public static async Task<int> Main(string[] args)
    {
        if (Environment.GetEnvironmentVariable("WORKFLOW_KILL_CHILD") is { } folder)
        {
            await KillTests.ChildAsync(folder, int.Parse(Environment.GetEnvironmentVariable("WORKFLOW_KILL_ROUND")!, CultureInfo.InvariantCulture));
        }

        return await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
