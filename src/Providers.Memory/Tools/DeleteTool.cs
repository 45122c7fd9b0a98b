using System.Text.Json;
using Providers.Tools;
using Providers.Tools.Shapes;

namespace Providers.Memory.Tools;

/// <summary>Deletes one memory by its id, or all that a filter names.</summary>
internal sealed class DeleteTool(IMemoryService memory)
{
    public static ToolSpec Spec => new(
        "memory_delete",
        "Deletes memories for good: one by its id, or all that a filter names, with confirm: true. Deleting what is not there is no error: deleted is 0.",
        new ObjectShape(
            MemoryFields.Id with { Required = false }, MemoryFields.Namespace, MemoryFields.ExpectedVersion("With id: delete it only at this version."),
            new("filter", new ObjectShape(
                MemoryFields.Kind, MemoryFields.TagsAny, MemoryFields.TagsAll, MemoryFields.CreatedAfter, MemoryFields.CreatedBefore,
                new("source", new TextShape { Most = 128, Description = "Only memories of this source." }))),
            new("confirm", new FlagShape { Description = "Must be true with a filter." })),
        MemoryOutputs.Delete,
        new ToolHints { Title = "Delete memories", Scope = "memory:write", Destructive = true, Idempotent = true });

    public async ValueTask<JsonElement> RunAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        MemoryScope scope = MemoryWrites.Scope(request);
        Check(request);
        long deleted = request.Json("filter") is { } filter
            ? await memory.Store.DeleteAsync(scope, ReadTools.Filter(request.Part(filter)), cancellationToken).ConfigureAwait(false)
            : await DeleteAsync(scope, request, cancellationToken).ConfigureAwait(false);
        return JsonSerializer.SerializeToElement(new DeleteResult(scope.Namespace, deleted), MemoryToolJson.Plain.DeleteResult);
    }

    private async ValueTask<long> DeleteAsync(MemoryScope scope, ToolRequest request, CancellationToken cancellationToken)
    {
        MemoryDelete delete = new(request.Text("id")!) { ExpectedVersion = request.Long("expected_version") };
        MemoryTransactionResult result = await memory.ExecuteAsync(new MemoryTransaction(scope, [delete]), cancellationToken).ConfigureAwait(false);
        return result.Outcomes[0].Change is MemoryChange.Deleted ? 1 : 0;
    }

    private static void Check(ToolRequest request)
    {
        bool filtered = request.Has("filter");
        string? wrong = request.Has("id") == filtered ? (filtered ? "filter: is there beside id; give one of them." : "id: is missing; give an id, or a filter with confirm: true.")
            : !filtered ? null
            : request.Has("expected_version") ? "expected_version: goes with id, not with filter."
            : !request.Json("filter")!.Value.EnumerateObject().Any() ? "filter: has no condition; give at least one of kind, tags_any, tags_all, created_after, created_before, source."
            : !request.Flag("confirm") ? "confirm: must be true to delete all memories that a filter names."
            : null;
        if (wrong is not null)
        {
            throw new ToolException(ToolErrorCode.InvalidInput, wrong);
        }
    }
}
