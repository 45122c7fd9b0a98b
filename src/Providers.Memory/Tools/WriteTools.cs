using System.Text.Json;
using Providers.Tools;
using Providers.Tools.Shapes;

namespace Providers.Memory.Tools;

/// <summary>The tools that change one memory.</summary>
internal sealed class WriteTools(IMemoryService memory, MemoryFields fields, TimeProvider clock)
{
    private static readonly string[] s_changes = ["text", "tags", "metadata", "importance", "expires_in_seconds"];

    public ToolSpec StoreSpec => new(
        "memory_store",
        "Stores one memory so that it can be found later. Store facts, decisions and preferences that will matter again, one thing each; search first when it may be there already.",
        new ObjectShape([.. fields.Content(true), MemoryFields.NewKind, MemoryFields.Namespace, MemoryFields.Source, MemoryFields.IdempotencyKey]),
        MemoryOutputs.Store,
        new ToolHints { Title = "Store a memory", Scope = "memory:write" });

    public ToolSpec UpdateSpec => new(
        "memory_update",
        "Changes parts of a memory; what is left out stays. Give the version you read; when it has changed meanwhile, nothing is done and the error names the current one.",
        new ObjectShape([MemoryFields.Id, MemoryFields.Namespace, MemoryFields.ExpectedVersion("The version you read.") with { Required = true }, .. fields.Content(false)]),
        MemoryOutputs.Update,
        new ToolHints { Title = "Change a memory", Scope = "memory:write", Destructive = true, Idempotent = true });

    public async ValueTask<JsonElement> StoreAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        MemoryScope scope = MemoryWrites.Scope(request);
        MemoryRecord record = MemoryWrites.Record(request, clock.GetUtcNow());
        string? key = request.Text("idempotency_key"), fingerprint = MemoryWrites.Fingerprint(request, scope, now => [new MemoryUpsert(MemoryWrites.Record(request, now))]);
        MemoryReceipt receipt = memory is MemoryService own
            ? await own.StoreAsync(scope, record, key, fingerprint, cancellationToken).ConfigureAwait(false)
            : await memory.StoreAsync(scope, record, key, cancellationToken).ConfigureAwait(false);
        return JsonSerializer.SerializeToElement(new StoreResult(scope.Namespace, receipt.Id, receipt.Version, receipt.Created) { DuplicateOf = receipt.DuplicateOf }, MemoryToolJson.Plain.StoreResult);
    }

    public async ValueTask<JsonElement> UpdateAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        if (!s_changes.Any(request.Has))
        {
            throw new ToolException(ToolErrorCode.InvalidInput, $"memory_update: changes nothing; give at least one of {string.Join(", ", s_changes)}.");
        }

        MemoryScope scope = MemoryWrites.Scope(request);
        MemoryTransactionResult result = await memory.ExecuteAsync(new MemoryTransaction(scope, [MemoryWrites.Patch(request, clock.GetUtcNow())]), cancellationToken).ConfigureAwait(false);
        return JsonSerializer.SerializeToElement(new UpdateResult(scope.Namespace, result.Outcomes[0].Id, result.Outcomes[0].Version), MemoryToolJson.Plain.UpdateResult);
    }
}
