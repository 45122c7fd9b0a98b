using System.Text.Json;
using Providers.Memory;

namespace Providers.Orchestration;

/// <summary>Stores a memory for the workflow's tenant, once however often it is tried. Input: <c>text</c>, and as wanted <c>namespace</c>, <c>kind</c>, <c>tags</c>. Output: <c>id</c>, <c>namespace</c>, <c>version</c>. Undone by deleting it.</summary>
internal sealed class MemoryStoreStep(IMemoryService memory) : IWorkflowStep
{
    public async ValueTask<JsonElement?> ExecuteAsync(WorkflowStepContext context, CancellationToken cancellationToken)
    {
        (MemoryScope scope, MemoryRecord record) = Read(context);
        MemoryReceipt receipt = await memory.StoreAsync(scope, record, context.IdempotencyKey, cancellationToken).ConfigureAwait(false);
        return StepOutput.Of(writer =>
        {
            writer.WriteString("id", receipt.Id);
            writer.WriteString("namespace", scope.Namespace);
            writer.WriteNumber("version", receipt.Version);
        });
    }

    public async ValueTask CompensateAsync(WorkflowStepContext context, JsonElement? output, CancellationToken cancellationToken)
    {
        try
        {
            (MemoryScope scope, MemoryRecord record) = Read(context);
            await memory.Store.ExecuteAsync(new MemoryTransaction(scope, [new MemoryDelete(record.Id)]), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WorkflowStepException or MemoryValidationException)
        {
            // With such an input nothing can have been stored.
        }
    }

    /// <summary>The id follows from the step, so that a memory nobody heard of any more is found again to be deleted.</summary>
    private static (MemoryScope Scope, MemoryRecord Record) Read(WorkflowStepContext context)
    {
        StepInput input = new(context);
        return (new MemoryScope(context.Tenant, input.TextOrNull("namespace") ?? "default"), new MemoryRecord
        {
            Id = $"{context.WorkflowId}.{context.Step.Id}",
            Text = input.Text("text"),
            Kind = input.TextOrNull("kind") ?? "note",
            Tags = input.Texts("tags"),
            Provenance = new MemoryProvenance { Source = "workflow", Actor = context.WorkflowId },
        });
    }
}
