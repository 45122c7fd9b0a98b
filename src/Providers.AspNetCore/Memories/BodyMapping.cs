using System.Text.Json;
using Providers.AspNetCore.Errors;
using Providers.Memory;

namespace Providers.AspNetCore.Memories;

/// <summary>Makes the contract's types of bodies. What is in their fields is checked by the service, in one place for every door.</summary>
internal static class BodyMapping
{
    private const long MostSeconds = 3_155_760_000; // a hundred years

    public static MemoryRecord Record(MemoryBody body, string id, string actor, TimeProvider clock, string at = "") => new()
    {
        Id = id,
        Kind = body.Kind ?? "note",
        Text = body.Text!,
        Tags = body.Tags ?? [],
        Metadata = body.Metadata is { ValueKind: JsonValueKind.Null } ? null : body.Metadata,
        Importance = body.Importance ?? 0.5,
        Provenance = body.Provenance is { } p ? new MemoryProvenance { Source = p.Source!, Actor = actor, Evidence = p.Evidence ?? [], Trust = p.Trust ?? 0.5 } : null,
        Expires = Expires(body.ExpiresAt, body.TtlSeconds, clock, at),
        Vector = Numbers.Of(body.Vector),
        VectorSpace = body.VectorSpace,
    };

    public static MemoryPatch Patch(string id, MemoryPatchBody body, long? expected, TimeProvider clock, string at = "") => new(id)
    {
        ExpectedVersion = expected,
        Text = body.Text,
        Tags = body.Tags,
        Metadata = body.Metadata,
        Importance = body.Importance,
        Expires = Expires(body.ExpiresAt, body.TtlSeconds, clock, at),
        Archived = body.Archived,
        Vector = Numbers.Of(body.Vector),
        VectorSpace = body.VectorSpace,
    };

    public static MemoryQuery Query(SearchBody body) => new()
    {
        Text = body.Text,
        Vector = Numbers.Of(body.Vector),
        VectorSpace = body.VectorSpace,
        Mode = body.Mode switch
        {
            null or "hybrid" => MemorySearchMode.Hybrid,
            "semantic" => MemorySearchMode.Semantic,
            "keyword" => MemorySearchMode.Keyword,
            _ => throw new ApiException("invalid_request", "mode must be hybrid, semantic or keyword.", "mode"),
        },
        Top = body.Top ?? 10,
        MinScore = body.MinScore ?? 0,
        Filter = body.Filter is { } filter ? Filter(filter) : null,
    };

    public static MemoryFilter Filter(FilterBody body) => new()
    {
        Ids = AnyOf(body.Ids, "ids"),
        Kinds = AnyOf(body.Kinds, "kinds"),
        TagsAny = AnyOf(body.TagsAny, "tags_any"),
        TagsAll = body.TagsAll ?? [],
        Metadata = body.Metadata ?? new Dictionary<string, JsonElement>(),
        Source = body.Source,
        CreatedFrom = body.CreatedFrom,
        CreatedBefore = body.CreatedBefore,
        UpdatedBefore = body.UpdatedBefore,
        MinImportance = body.MinImportance,
        State = body.State switch
        {
            null or "active" => MemoryState.Active,
            "archived" => MemoryState.Archived,
            "any" => MemoryState.Any,
            _ => throw new ApiException("invalid_request", "filter.state must be active, archived or any.", "filter.state"),
        },
    };

    public static MemoryTransaction Transaction(BatchBody body, MemoryScope scope, string actor, TimeProvider clock)
    {
        List<MemoryOperation> operations = new(body.Operations!.Count);
        for (int i = 0; i < body.Operations.Count; i++)
        {
            operations.Add(Operation(body.Operations[i], actor, clock, $"operations[{i}]"));
        }

        return new MemoryTransaction(scope, operations) { KeepHistory = body.KeepHistory ?? false };
    }

    /// <summary>Takes a list of which one must match. An empty one would let everything pass, which nobody means who computed it, least of all in an erasure.</summary>
    private static IReadOnlyList<string> AnyOf(IReadOnlyList<string>? list, string name) => list is []
        ? throw new ApiException("invalid_request", $"filter.{name} is empty, so nothing could match; leave it out to let any pass.", $"filter.{name}")
        : list ?? [];

    private static MemoryOperation Operation(BatchOperation? operation, string actor, TimeProvider clock, string at) => operation switch
    {
        { Upsert: { } upsert, Patch: null, Delete: null, Link: null, Unlink: null } => new MemoryUpsert(Record(upsert, upsert.Id ?? "", actor, clock, $"{at}.upsert.")) { ExpectedVersion = operation.ExpectedVersion },
        { Upsert: null, Patch: { Id: { } id, Changes: { } changes }, Delete: null, Link: null, Unlink: null } => Patch(id, changes, operation.ExpectedVersion, clock, $"{at}.patch.changes."),
        { Upsert: null, Patch: null, Delete.Id: { } id, Link: null, Unlink: null } => new MemoryDelete(id) { ExpectedVersion = operation.ExpectedVersion },
        { Upsert: null, Patch: null, Delete: null, Link: { From: { } from, To: { } to, Relation: { } relation }, Unlink: null, ExpectedVersion: null } => new MemoryLink(from, Relation(relation, $"{at}.link.relation"), to),
        { Upsert: null, Patch: null, Delete: null, Link: null, Unlink: { From: { } from, To: { } to, Relation: { } relation }, ExpectedVersion: null } => new MemoryUnlink(from, Relation(relation, $"{at}.unlink.relation"), to),
        _ => throw new ApiException("invalid_request", "An operation must be exactly one of upsert, patch, delete, link and unlink; links take no expected_version.", at),
    };

    public static MemoryRelation Relation(string name, string at)
    {
        foreach (MemoryRelation relation in Enum.GetValues<MemoryRelation>())
        {
            if (Admin.CatalogView.Word(relation) == name)
            {
                return relation;
            }
        }

        throw new ApiException("invalid_request", $"relation must be one of {string.Join(", ", Enum.GetValues<MemoryRelation>().Select(Admin.CatalogView.Word))}.", at);
    }

    private static DateTimeOffset? Expires(DateTimeOffset? at, long? seconds, TimeProvider clock, string where) => (at, seconds) switch
    {
        (not null, not null) => throw new ApiException("invalid_request", "expires_at and ttl_seconds say the same thing; give one of them.", where + "ttl_seconds"),
        (null, { } ttl) => ttl is >= 1 and <= MostSeconds ? clock.GetUtcNow().AddSeconds(ttl) : throw new ApiException("invalid_request", $"ttl_seconds must be 1 to {MostSeconds}.", where + "ttl_seconds"),
        _ => at,
    };
}
