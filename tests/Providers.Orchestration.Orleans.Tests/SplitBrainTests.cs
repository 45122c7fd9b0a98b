using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>A silo that was given up but lives: its run and its successor's work on one workflow at the same time.</summary>
public sealed class SplitBrainTests
{
    private readonly SharedStorage _storage = new();
    private readonly Stalls _stalls = new();

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Step_RunsInBoth_IsAcknowledgedOnceByTheSuccessor(bool oldEndsFirst, bool repeatable)
    {
        await using ServiceProvider before = Host("old"), after = Host("new");
        GrainWorkflowStore store = Open();
        await store.LoadAsync(default);
        DateTimeOffset now = SharedCluster.NewTime().GetUtcNow();
        Changes begun = new(RunState.Begin("w", "acme", Flow(Stalls.Step("a") with { Repeatable = repeatable }), now), now);
        begun.Say("started");
        await store.CreateAsync(begun.Done(), 0, default);
        WorkflowRun old = Begin(before, store);
        (await _stalls.EnteredAsync()).Silo.Should().Be("old");

        GrainWorkflowStore successor = Open();
        await successor.LoadAsync(default);
        WorkflowRun next = Begin(after, successor);
        if (repeatable)
        {
            (await _stalls.EnteredAsync()).Silo.Should().Be("new");
            if (oldEndsFirst)
            {
                _stalls.Open("old");
                await EndAsync(old);
            }

            _stalls.Open("new");
        }

        await EndAsync(next);
        _stalls.Open("old");
        await EndAsync(old);

        old.State.Steps[0].Status.Should().Be(WorkflowStepStatus.Running, "it was refused");
        GrainWorkflowStore reader = Open();
        await reader.LoadAsync(default);
        reader.State!.Status.Should().Be(repeatable ? WorkflowStatus.Completed : WorkflowStatus.Failed);
        (await reader.LoadEventsAsync(default)).Count(static e => e.What == "step.completed").Should().Be(repeatable ? 1 : 0);
        if (repeatable)
        {
            (await reader.LoadOutputAsync("", "", 0, default))!.Value.GetString().Should().Be("new");
        }
    }

    private static Task EndAsync(WorkflowRun run) => run.Completion.WaitAsync(TimeSpan.FromMinutes(2));

    private static WorkflowRun Begin(ServiceProvider host, GrainWorkflowStore store)
    {
        WorkflowRun run = new(new RunServices(store, host.GetRequiredService<StepRunner>(), new WorkflowOptions(), TimeProvider.System, NullLogger.Instance) { Stopping = default, Forget = static _ => { } }, store.State!, 0);
        run.Begin();
        return run;
    }

    private ServiceProvider Host(string silo)
    {
        ServiceCollection services = new();
        services.AddSteps();
        _stalls.Add(silo, services);
        return services.BuildServiceProvider();
    }

    private GrainWorkflowStore Open() => new(new DocumentStore(_storage, GrainId.Create(WorkflowGrain.Type, "w")), static _ => Task.CompletedTask);
}
