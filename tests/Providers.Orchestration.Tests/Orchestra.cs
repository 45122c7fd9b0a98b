using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Providers.Memory;

namespace Providers.Orchestration.Tests;

/// <summary>An engine over a store that outlives it, with handlers that write down what they did.</summary>
internal sealed class Orchestra : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public Orchestra(IMemoryStore? store = null, Action<IServiceCollection>? more = null, Action<WorkflowOptions>? options = null, FakeTimeProvider? time = null)
    {
        Time = time ?? new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
        Store = store ?? new InMemoryStore(clock: Time);
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(Time).AddSingleton(Store).AddMemory().AddOrchestration(options);
        services.AddWorkflowStep("note", _ => new DelegateStep(NoteAsync, UndoAsync));
        services.AddWorkflowStep("gate", _ => new DelegateStep(GateAsync, UndoAsync));
        more?.Invoke(services);
        _services = services.BuildServiceProvider();
        Engine = _services.GetRequiredService<IWorkflowEngine>();
    }

    public FakeTimeProvider Time { get; }

    public IMemoryStore Store { get; }

    public IWorkflowEngine Engine { get; }

    /// <summary>Gets what handlers did, in order: <c>+id</c> done, <c>-id</c> undone, <c>!id</c> failed.</summary>
    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>Gets how often each step has yet to fail before it succeeds; negative: in a way that is not worth repeating.</summary>
    public ConcurrentDictionary<string, int> Failures { get; } = [];

    public ConcurrentDictionary<string, int> UndoFailures { get; } = [];

    /// <summary>Gets what lets a <c>gate</c> step finish, by its id.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Gates { get; } = [];

    /// <summary>Gets what fires when a <c>gate</c> step has begun.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Entered { get; } = [];

    public int Active;
    public int MostActive;

    public static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    public static WorkflowStep Step(string id, params string[] needs) => new() { Id = id, Handler = "note", DependsOn = needs };

    public static WorkflowStep Gate(string id, params string[] needs) => new() { Id = id, Handler = "gate", DependsOn = needs };

    public static WorkflowDefinition Flow(params WorkflowStep[] steps) => new() { Name = "flow", Steps = steps };

    public async Task<WorkflowSnapshot> RunAsync(WorkflowDefinition definition, string tenant = "acme")
    {
        WorkflowSnapshot started = await Engine.StartAsync(tenant, definition);
        return (await Engine.WaitAsync(tenant, started.Id))!;
    }

    /// <summary>Moves the clock until the workflow rests, however often it waits.</summary>
    public async Task<WorkflowSnapshot> RunThroughWaitsAsync(WorkflowDefinition definition, string tenant = "acme")
    {
        WorkflowSnapshot started = await Engine.StartAsync(tenant, definition);
        return await RestAsync(started.Id, tenant);
    }

    public async Task<WorkflowSnapshot> RestAsync(string id, string tenant = "acme")
    {
        Task<WorkflowSnapshot?> rest = Engine.WaitAsync(tenant, id);
        while (!rest.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(rest, Task.Delay(1)); // real time only paces the fake clock
        }

        return (await rest)!;
    }

    public TaskCompletionSource Door(ConcurrentDictionary<string, TaskCompletionSource> doors, string id) => doors.GetOrAdd(id, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    public Task EnteredAsync(string id) => Door(Entered, id).Task.WaitAsync(TimeSpan.FromSeconds(60));

    public void Open(string id) => Door(Gates, id).TrySetResult();

    public Task StartHostAsync() => _services.GetServices<IHostedService>().Single(static s => s is WorkflowEngine).StartAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private async ValueTask<JsonElement?> NoteAsync(WorkflowStepContext context, CancellationToken cancellationToken)
    {
        int active = Interlocked.Increment(ref Active);
        int most;
        while (active > (most = MostActive) && Interlocked.CompareExchange(ref MostActive, active, most) != most)
        {
        }

        await Task.Yield();
        Interlocked.Decrement(ref Active);
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

    private ValueTask UndoAsync(WorkflowStepContext context, JsonElement? output)
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
