using System.Text.Json;
using Providers.Tools;
using Providers.Tools.Shapes;

namespace Providers.Memory.Tools;

/// <summary>The tools for how memories stand to each other.</summary>
internal sealed class LinkTools(IMemoryService memory)
{
    private static readonly (string Word, MemoryRelation Relation)[] s_relations =
    [
        ("references", MemoryRelation.References), ("extends", MemoryRelation.Extends), ("contradicts", MemoryRelation.Contradicts), ("supports", MemoryRelation.Supports),
        ("precedes", MemoryRelation.Precedes), ("follows", MemoryRelation.Follows), ("related_to", MemoryRelation.RelatedTo),
    ];

    private static readonly string[] s_directions = ["both", "outgoing", "incoming"];

    public static ToolSpec RelatedSpec => new(
        "memory_related",
        "Follows the links of a memory, nearest first: what it references, extends, contradicts, supports, precedes or follows.",
        new ObjectShape(
            MemoryFields.Id, MemoryFields.Namespace,
            new("relation", Relations("Follow only links of this sort.")),
            new("direction", new TextShape { Choices = s_directions, Description = "both (when left out), outgoing from the memory, or incoming to it." }),
            new("depth", new NumberShape { Least = 1, Most = 10, Whole = true, Default = 1, Description = "How many links away at most." }),
            new("limit", new NumberShape { Least = 1, Most = 1_000, Whole = true, Default = 100, Description = "How many links at most." })),
        MemoryOutputs.Related,
        new ToolHints { Title = "Related memories", Scope = "memory:read", ReadOnly = true, Idempotent = true });

    public static ToolSpec LinkSpec => new(
        "memory_link",
        "Says how one memory stands to another, or takes it back with remove. Both must be there.",
        new ObjectShape(
            new("from", MemoryFields.Name("The memory the link begins at."), true), new("relation", Relations("How it stands to the other."), true),
            new("to", MemoryFields.Name("The other memory."), true), MemoryFields.Namespace, new("remove", new FlagShape { Description = "Take the link away." })),
        MemoryOutputs.Link,
        new ToolHints { Title = "Link memories", Scope = "memory:write", Idempotent = true });

    public async ValueTask<JsonElement> RelatedAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        MemoryScope scope = MemoryWrites.Scope(request);
        string id = request.Text("id")!;
        MemoryRelatedOptions options = new()
        {
            Relations = request.Text("relation") is { } word ? [RelationOf(word)] : [],
            Direction = (MemoryLinkDirection)Array.IndexOf(s_directions, request.Text("direction", "both")),
            Depth = request.Int("depth", 1),
            Limit = request.Int("limit", 100),
        };
        IReadOnlyList<MemoryEdge> edges = await memory.Store.GetRelatedAsync(scope, id, options, cancellationToken).ConfigureAwait(false);
        if (edges.Count == 0 && await memory.Store.GetAsync(scope, id, cancellationToken).ConfigureAwait(false) is null)
        {
            throw MemoryToolErrors.NotFound(id, scope.Namespace);
        }

        EdgeItem[] items = [.. edges.Select(static e => new EdgeItem(e.From, WordOf(e.Relation), e.To, e.Depth))];
        return JsonSerializer.SerializeToElement(new RelatedResult(scope.Namespace, items), MemoryToolJson.Plain.RelatedResult);
    }

    public async ValueTask<JsonElement> LinkAsync(ToolRequest request, CancellationToken cancellationToken)
    {
        MemoryScope scope = MemoryWrites.Scope(request);
        (string from, string to, MemoryRelation relation) = (request.Text("from")!, request.Text("to")!, RelationOf(request.Text("relation")!));
        MemoryOperation operation = request.Flag("remove") ? new MemoryUnlink(from, relation, to) : new MemoryLink(from, relation, to);
        MemoryTransactionResult result = await memory.ExecuteAsync(new MemoryTransaction(scope, [operation]), cancellationToken).ConfigureAwait(false);
        string change = result.Outcomes[0].Change switch { MemoryChange.Linked => "linked", MemoryChange.Unlinked => "unlinked", _ => "not_found" };
        return JsonSerializer.SerializeToElement(new LinkResult(scope.Namespace, from, change), MemoryToolJson.Plain.LinkResult);
    }

    private static TextShape Relations(string description) => new() { Choices = [.. s_relations.Select(static r => r.Word)], Description = description };

    private static MemoryRelation RelationOf(string word) => s_relations.First(r => r.Word == word).Relation;

    private static string WordOf(MemoryRelation relation) => s_relations.First(r => r.Relation == relation).Word;
}
