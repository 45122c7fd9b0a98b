using System.Text.Json;
using Providers.Tools;
using Providers.Tools.Shapes;

namespace Providers.Memory.Tools;

/// <summary>A batch of changes, all or none.</summary>
internal sealed class TransactionTool(IMemoryService memory, MemoryFields fields, TimeProvider clock)
{
    private static readonly string[] s_deleteFields = ["op", "id", "expected_version"];
    private static readonly string[] s_updateFields = ["op", "id", "expected_version", "text", "tags", "metadata", "importance", "expires_in_seconds"];

    public ToolSpec Spec => new(
        "memory_transaction",
        "Carries out several changes at once: all of them happen, or none and the error names the first that could not, with its index from 0. Use it where memories belong together.",
        new ObjectShape(
            new("operations", new ListShape(Operation()) { Least = 1, Most = fields.Limits.Operations, Description = "The changes, in order; each memory at most once." }, true),
            MemoryFields.Namespace, MemoryFields.IdempotencyKey),
        MemoryOutputs.Transaction,
        new ToolHints { Title = "Change several memories at once", Scope = "memory:write", Destructive = true });

    public async ValueTask<JsonElement> RunAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        MemoryScope scope = MemoryWrites.Scope(request);
        MemoryTransaction transaction = new(scope, Operations(request, clock.GetUtcNow()))
        {
            IdempotencyKey = request.Text("idempotency_key"),
            Fingerprint = MemoryWrites.Fingerprint(request, scope, now => Operations(request, now)),
        };
        MemoryTransactionResult result = await memory.ExecuteAsync(transaction, cancellationToken).ConfigureAwait(false);
        OutcomeItem[] outcomes = [.. result.Outcomes.Select(static (o, i) => new OutcomeItem(i, Word(o.Change), o.Id, o.Version))];
        return JsonSerializer.SerializeToElement(new TransactionResult(scope.Namespace, result.Replayed, outcomes), MemoryToolJson.Plain.TransactionResult);
    }

    private static string Word(MemoryChange change) => change switch
    {
        MemoryChange.Created => "created",
        MemoryChange.Updated => "updated",
        MemoryChange.Deleted => "deleted",
        _ => "not_found",
    };

    private ObjectShape Operation() => new(
    [
        new("op", new TextShape { Choices = ["store", "update", "delete"] }, true),
        new("id", MemoryFields.Name("Needed to update and delete; to store: your own id, or left out for a new one.")),
        MemoryFields.ExpectedVersion("The version that must be there."),
        .. fields.Content(false), MemoryFields.NewKind, MemoryFields.Source,
    ]);

    /// <exception cref="ToolException">One of them is wrong.</exception>
    private static List<MemoryOperation> Operations(ToolRequest request, DateTimeOffset now)
    {
        List<MemoryOperation> operations = [];
        foreach (JsonElement element in request.Json("operations")!.Value.EnumerateArray())
        {
            operations.Add(Make(operations.Count, request.Part(element), now));
        }

        return operations;
    }

    private static MemoryOperation Make(int index, ToolRequest part, DateTimeOffset now)
    {
        string op = part.Text("op")!;
        string at = $"operations[{index}]";
        if ((op == "store" ? "text" : "id") is var needed && !part.Has(needed))
        {
            throw new ToolException(ToolErrorCode.InvalidInput, $"{at}.{needed}: is missing; {op} needs it.");
        }

        string[] allowed = op == "delete" ? s_deleteFields : op == "update" ? s_updateFields : [];
        if (allowed.Length > 0 && part.Names.FirstOrDefault(n => !allowed.Contains(n)) is { } stray)
        {
            throw new ToolException(ToolErrorCode.InvalidInput, $"{at}.{stray}: is no field of {op}; there are {string.Join(", ", allowed)}.");
        }

        return op switch
        {
            "store" => new MemoryUpsert(MemoryWrites.Record(part, now)) { ExpectedVersion = part.Long("expected_version") },
            "update" => MemoryWrites.Patch(part, now),
            _ => new MemoryDelete(part.Text("id")!) { ExpectedVersion = part.Long("expected_version") },
        };
    }
}
