using System.Text.Json;
using Providers.Memory;

namespace Providers.Orchestration;

/// <summary>Keeps plans in the host's memory store.</summary>
/// <param name="store">The store.</param>
/// <param name="retention">How long a plan is kept: it is a draft, and what is carried out holds its steps itself.</param>
/// <param name="clock">The time.</param>
internal sealed class PlanBook(IMemoryStore store, TimeSpan retention, TimeProvider clock)
{
    private const string Kind = "plan";

    public async ValueTask SaveAsync(string tenant, WorkflowPlan plan, CancellationToken cancellationToken)
    {
        string text = JsonSerializer.Serialize(plan, WorkflowJson.Default.WorkflowPlan);
        await store.ExecuteAsync(new MemoryTransaction(Scope(tenant), [.. Documents.Write("p:" + plan.Id, Kind, plan.Id, text, clock.GetUtcNow() + retention)]), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<WorkflowPlan?> FindAsync(string tenant, string id, CancellationToken cancellationToken) =>
        await Documents.ReadAsync(store, Scope(tenant), "p:" + id, cancellationToken).ConfigureAwait(false) is { } text ? JsonSerializer.Deserialize(text, WorkflowJson.Default.WorkflowPlan) : null;

    private static MemoryScope Scope(string tenant) => new(MemoryWorkflowStore.Owner, tenant);
}
