using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Providers.Orchestration;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Conformance.Orchestration;

/// <summary>Handlers that write down what they did, and fail or wait as the test says. They outlive the hosts they act in.</summary>
public sealed class Actors
{
    /// <summary>Gets what handlers did, in order: <c>+id</c> done, <c>-id</c> undone, <c>!id</c> failed.</summary>
    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>Gets how often each step has yet to fail before it succeeds; negative: in a way that is not worth repeating.</summary>
    public ConcurrentDictionary<string, int> Failures { get; } = [];

    public ConcurrentDictionary<string, int> UndoFailures { get; } = [];

    /// <summary>Gets what lets a <c>gate</c> step finish, by its id.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Gates { get; } = [];

    /// <summary>Gets what fires when a <c>gate</c> step has begun.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Entered { get; } = [];

    private int _active, _mostActive;

    /// <summary>Gets how many handlers were at work at a time.</summary>
    public int MostActive => _mostActive;

    /// <summary>Adds the handlers <c>note</c>, <c>gate</c> and <c>big</c>; which actors act is said by the tenant of a workflow.</summary>
    public static void Add(IServiceCollection services, Func<string, Actors> find)
    {
        services.AddWorkflowStep("note", _ => new DelegateStep((context, _) => find(context.Tenant).NoteAsync(context), Undo));
        services.AddWorkflowStep("gate", _ => new DelegateStep((context, token) => find(context.Tenant).GateAsync(context, token), Undo));
        services.AddWorkflowStep("big", static _ => new DelegateStep(static (_, _) => new(JsonSerializer.SerializeToElement(new string('x', 5_000)))));

        ValueTask Undo(WorkflowStepContext context, JsonElement? output) => find(context.Tenant).UndoAsync(context);
    }

    private static TaskCompletionSource Door(ConcurrentDictionary<string, TaskCompletionSource> doors, string id) => doors.GetOrAdd(id, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    public Task EnteredAsync(string id) => Door(Entered, id).Task.WaitAsync(TimeSpan.FromMinutes(3));

    public void Open(string id) => Door(Gates, id).TrySetResult();

    private async ValueTask<JsonElement?> NoteAsync(WorkflowStepContext context)
    {
        int active = Interlocked.Increment(ref _active);
        int most;
        while (active > (most = _mostActive) && Interlocked.CompareExchange(ref _mostActive, active, most) != most)
        {
        }

        await Task.Yield();
        Interlocked.Decrement(ref _active);
        string id = context.Step.Id;
        if (Failures.TryGetValue(id, out int left) && left != 0)
        {
            Failures[id] = left - Math.Sign(left);
            Log.Enqueue("!" + id);
            throw new WorkflowStepException($"{id} is broken.", retry: left > 0);
        }

        Log.Enqueue("+" + id);
        return context.Input ?? Json($"\"{id}\"");
    }

    private async ValueTask<JsonElement?> GateAsync(WorkflowStepContext context, CancellationToken cancellationToken)
    {
        string id = context.Step.Id;
        Door(Entered, id).TrySetResult();
        await Door(Gates, id).Task.WaitAsync(cancellationToken);
        Log.Enqueue("+" + id);
        return Json($"\"{id}\"");
    }

    private ValueTask UndoAsync(WorkflowStepContext context)
    {
        string id = context.Step.Id;
        if (UndoFailures.TryGetValue(id, out int left) && left > 0)
        {
            UndoFailures[id] = left - 1;
            throw new InvalidOperationException("The undoing is broken.");
        }

        Log.Enqueue("-" + id);
        return default;
    }
}
