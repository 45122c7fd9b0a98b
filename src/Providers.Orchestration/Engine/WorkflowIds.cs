using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Providers.Orchestration;

/// <summary>Ids of workflows: UUIDs, made from the idempotency key where there is one.</summary>
internal static class WorkflowIds
{
    public static bool IsId(string workflowId) => Guid.TryParseExact(workflowId, "D", out _);

    /// <summary>The same key gives the same id, so that the store itself refuses a second workflow.</summary>
    public static string New(string tenant, WorkflowDefinition definition, DateTimeOffset now) => definition.IdempotencyKey is { } key
        ? new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}\n{key}")).AsSpan(0, 16)).ToString()
        : Guid.CreateVersion7(now).ToString();

    /// <summary>Makes sure that whoever starts a workflow that is there already means that very one.</summary>
    /// <exception cref="WorkflowConflictException">The key was used for another definition.</exception>
    public static void EnsureSame(RunState first, WorkflowDefinition definition)
    {
        if (Text(first.Definition) != Text(definition))
        {
            throw new WorkflowConflictException($"The idempotency key '{definition.IdempotencyKey}' was used for another definition, of workflow '{first.Id}'; take a new key.");
        }
    }

    private static string Text(WorkflowDefinition definition) => JsonSerializer.Serialize(definition, WorkflowJson.Default.WorkflowDefinition);
}
