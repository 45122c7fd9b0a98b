using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Providers.Conformance.Orchestration;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>A handler <c>stall</c> that says in which silo it has begun, and waits there until the test lets it go.</summary>
internal sealed class Stalls
{
    private readonly Channel<(string Silo, WorkflowStepContext Context)> _entered = Channel.CreateUnbounded<(string, WorkflowStepContext)>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _doors = [];

    public ConcurrentQueue<string> Undone { get; } = [];

    public static WorkflowStep Step(string id, params string[] needs) => new() { Id = id, Handler = "stall", DependsOn = needs };

    public void Add(string silo, IServiceCollection services) => services.AddWorkflowStep("stall", _ => new DelegateStep(
        async (context, token) =>
        {
            await _entered.Writer.WriteAsync((silo, context), CancellationToken.None);
            await Door(silo).Task.WaitAsync(token);
            return JsonSerializer.SerializeToElement(silo);
        },
        (context, _) =>
        {
            Undone.Enqueue($"{context.Step.Id}@{silo}");
            return default;
        }));

    /// <summary>Waits until the handler has begun somewhere.</summary>
    public async Task<(string Silo, WorkflowStepContext Context)> EnteredAsync()
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        return await _entered.Reader.ReadAsync(patience.Token);
    }

    public bool HasEntered => _entered.Reader.TryPeek(out _);

    public void Open(string silo) => Door(silo).TrySetResult();

    private TaskCompletionSource Door(string silo) => _doors.GetOrAdd(silo, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
