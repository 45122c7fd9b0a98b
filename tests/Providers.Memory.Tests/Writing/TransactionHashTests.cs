using System.Text.Json;

namespace Providers.Memory.Tests.Writing;

/// <summary>The fingerprint of a transaction: another change is another fingerprint, the same change the same.</summary>
public sealed class TransactionHashTests
{
    private static readonly DateTimeOffset s_day = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly MemoryScope s_scope = new("tenant");

    [Fact]
    public void Fingerprint_OfAnyOtherChange_IsAnother()
    {
        MemoryTransaction[] all = [.. Transactions()];
        string[] hashes = [.. all.Select(TransactionHash.Of)];
        for (int i = 0; i < all.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                hashes[i].Should().NotBe(hashes[j], "{0} is not {1}", all[i], all[j]);
            }
        }
    }

    [Fact]
    public void Fingerprint_OfTheSameChange_IsTheSame() =>
        Transactions().Select(TransactionHash.Of).Should().Equal(Transactions().Select(TransactionHash.Of)).And.OnlyContain(static h => h.Length == 64);

    [Fact]
    public void Fingerprint_IsOfTheChangesAlone()
    {
        MemoryTransaction one = new(s_scope, [new MemoryDelete("a")]);
        TransactionHash.Of(one with { Scope = new MemoryScope("other"), IdempotencyKey = "key" }).Should().Be(TransactionHash.Of(one));
    }

    [Fact]
    public void Fingerprint_OfTimesKeptFromTheRecord_FollowsThem()
    {
        static string Of(DateTimeOffset created, DateTimeOffset updated, bool keep) =>
            TransactionHash.Of(new(s_scope, [new MemoryUpsert(new MemoryRecord { Id = "a", Text = "t", Created = created, Updated = updated }) { KeepTimes = keep }]));
        string kept = Of(s_day, s_day, true);
        Of(s_day.AddTicks(1), s_day, true).Should().NotBe(kept);
        Of(s_day, s_day.AddTicks(1), true).Should().NotBe(kept);
        Of(s_day, s_day.AddHours(1), false).Should().Be(Of(s_day.AddDays(1), s_day, false), "the store sets them");
    }

    [Fact]
    public void Fingerprint_ThatIsGiven_IsTaken() =>
        TransactionHash.Of(new(s_scope, [new MemoryDelete("a")]) { Fingerprint = "given" }).Should().Be("given");

    private static IEnumerable<MemoryTransaction> Transactions()
    {
        foreach (MemoryOperation operation in Operations())
        {
            yield return new(s_scope, [operation]);
        }

        yield return new(s_scope, []);
        yield return new(s_scope, [new MemoryDelete("a")]) { KeepHistory = true };
        yield return new(s_scope, [new MemoryDelete("a"), new MemoryDelete("b")]);
        yield return new(s_scope, [new MemoryDelete("b"), new MemoryDelete("a")]);
    }

    private static IEnumerable<MemoryOperation> Operations()
    {
        MemoryRecord record = new() { Id = "a", Text = "t", Provenance = new MemoryProvenance { Source = "s" } };
        MemoryRecord[] records =
        [
            record,
            record with { Id = "b" },
            record with { Kind = "fact" },
            record with { Text = "u" },
            record with { Tags = ["x"] },
            record with { Tags = ["x", "y"] },
            record with { Tags = ["xy"] },
            record with { Metadata = Json("{}") },
            record with { Metadata = Json("""{"k":1}""") },
            record with { Importance = 0.6 },
            record with { Provenance = null },
            record with { Provenance = new MemoryProvenance { Source = "r" } },
            record with { Provenance = new MemoryProvenance { Source = "s", Actor = "s" } },
            record with { Provenance = new MemoryProvenance { Source = "s", Evidence = ["e"] } },
            record with { Provenance = new MemoryProvenance { Source = "s", Trust = 0.1 } },
            record with { Expires = s_day },
            record with { Archived = s_day },
            record with { Vector = new float[] { 1, 2 }, VectorSpace = "v" },
            record with { Vector = new float[] { 1, 3 }, VectorSpace = "v" },
            record with { Vector = new float[] { 1, 2 }, VectorSpace = "w" },
        ];
        foreach (MemoryRecord one in records)
        {
            yield return new MemoryUpsert(one);
        }

        yield return new MemoryUpsert(record) { ExpectedVersion = 0 };
        yield return new MemoryUpsert(record) { ExpectedVersion = 1 };
        yield return new MemoryUpsert(record) { KeepTimes = true };
        MemoryPatch patch = new("a");
        MemoryPatch[] patches =
        [
            patch,
            patch with { Id = "b" },
            patch with { Text = "t" },
            patch with { Tags = [] },
            patch with { Tags = ["x"] },
            patch with { Metadata = Json("null") },
            patch with { Metadata = Json("{}") },
            patch with { Importance = 0 },
            patch with { Importance = 1 },
            patch with { Archived = false },
            patch with { Archived = true },
            patch with { Expires = s_day },
            patch with { Expires = DateTimeOffset.MaxValue },
            patch with { ExpectedVersion = 1 },
            patch with { Vector = new float[] { 1, 2 }, VectorSpace = "v" },
            patch with { Vector = new float[] { 2, 1 }, VectorSpace = "v" },
            patch with { Vector = new float[] { 1, 2 }, VectorSpace = "w" },
        ];
        foreach (MemoryPatch one in patches)
        {
            yield return one;
        }

        yield return new MemoryEmbed("a", new float[] { 1, 2 }, "v");
        yield return new MemoryEmbed("b", new float[] { 1, 2 }, "v");
        yield return new MemoryEmbed("a", new float[] { 2, 2 }, "v");
        yield return new MemoryEmbed("a", new float[] { 1, 2 }, "w");
        yield return new MemoryEmbed("a", new float[] { 1, 2 }, "v") { ExpectedVersion = 3 };
        yield return new MemoryLink("a", MemoryRelation.References, "b");
        yield return new MemoryLink("b", MemoryRelation.References, "a");
        yield return new MemoryLink("a", MemoryRelation.RelatedTo, "b");
        yield return new MemoryUnlink("a", MemoryRelation.References, "b");
        yield return new MemoryUnlink("b", MemoryRelation.References, "a");
        yield return new MemoryUnlink("a", MemoryRelation.RelatedTo, "b");
        yield return new MemoryDelete("a");
        yield return new MemoryDelete("b");
        yield return new MemoryDelete("a") { ExpectedVersion = 1 };
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();
}
