using System.Text.Json;
using Providers.Memory;

namespace Providers.Conformance;

/// <summary>What is just within a limit is taken, and comes back whole.</summary>
public abstract partial class StoreConformance
{
    [Fact]
    public async Task Write_AtEveryLimit_IsTaken()
    {
        string id = new('i', 128), keys = string.Join(',', Enumerable.Range(0, 59).Select(static i => $"\"k{i:00}\":{i}")), deep = """ "a":{"b":{"c":{"d":1}}} """.Trim();
        string metadata = $"{{{deep},{keys},\"v\":\"\"}}";
        metadata = metadata.Insert(metadata.Length - 2, new string('v', 16_384 - metadata.Length));
        MemoryRecord record = Note(new string('x', 65_533) + "\u20ac").Record with
        {
            Id = id,
            Kind = new string('k', 32),
            Tags = [.. Enumerable.Range(0, 32).Select(static i => $"{i:00}".PadRight(64, 't'))],
            Metadata = Json(metadata),
            Importance = 1,
            Expires = Clock.GetUtcNow().AddTicks(1),
            Archived = Clock.GetUtcNow(),
            Vector = Enumerable.Range(0, 4_096).Select(static i => i + 1f).ToArray(),
            VectorSpace = new string('s', 128),
            Provenance = new MemoryProvenance { Source = new string('q', 128), Actor = new string('a', 128), Trust = 1, Evidence = [.. Enumerable.Range(0, 32).Select(static i => $"{i:00}".PadRight(2_048, 'e'))] },
        };
        MemoryTransaction transaction = new(new MemoryScope(new string('t', 128), new string('n', 128)), [new MemoryUpsert(record)]) { IdempotencyKey = new string('~', 128), Fingerprint = new string('f', 128) };
        (await Store.ExecuteAsync(transaction)).Outcomes[0].Change.Should().Be(MemoryChange.Created);
        MemoryRecord read = (await Store.GetAsync(transaction.Scope, id))!;
        (read.Text, read.Kind, read.VectorSpace, read.Importance).Should().Be((record.Text, record.Kind, record.VectorSpace, 1.0));
        read.Tags.Should().Equal(record.Tags);
        read.Provenance!.Evidence.Should().Equal(record.Provenance.Evidence);
        (read.Provenance.Source, read.Provenance.Actor, read.Provenance.Trust).Should().Be((record.Provenance.Source, record.Provenance.Actor, 1.0));
        read.Metadata!.Value.GetProperty("a").GetProperty("b").GetProperty("c").GetProperty("d").GetInt32().Should().Be(1);
        read.Vector!.Value.Length.Should().Be(4_096);
        Clock.Advance(TimeSpan.FromTicks(1));
        (await Store.GetAsync(transaction.Scope, id)).Should().BeNull("its tick is over");
        (await Store.ExecuteAsync(transaction with { IdempotencyKey = "!", Operations = [new MemoryUpsert(Note("a").Record with { Importance = 0, Kind = "a._-Z9", Tags = [], Provenance = new MemoryProvenance { Source = "s", Trust = 0 } })] })).Outcomes.Should().ContainSingle();
        (await Store.ExecuteAsync(transaction with { IdempotencyKey = null, Operations = [.. Enumerable.Range(0, 1_000).Select(static i => Note("many", $"m{i}"))] })).Outcomes.Should().HaveCount(1_000);
    }

    [Fact]
    public async Task Read_AtEveryLimit_IsAnswered()
    {
        await WriteAsync(new MemoryUpsert(Note("word", "a").Record with { Tags = [new string('t', 64)] }));
        await WriteAsync(Note("word", "b"));
        await WriteAsync(new MemoryLink("a", MemoryRelation.Extends, "b"));
        MemoryFilter wide = new() { TagsAny = [.. Enumerable.Range(0, 63).Select(static i => $"t{i}").Append(new string('t', 64))], Ids = [.. Enumerable.Range(0, 999).Select(static i => $"i{i}").Append("a")], MinImportance = 0 };
        (await Store.ListAsync(Scope, new MemoryListOptions { Limit = 200, Filter = wide })).Records.Should().ContainSingle();
        foreach ((int top, double least) in ((int, double)[])[(200, 0), (1, 0)])
        {
            (await Store.SearchAsync(Scope, new MemoryQuery { Text = "word", Top = top, MinScore = least, Filter = wide })).Should().ContainSingle();
        }

        (await Store.SearchAsync(Scope, new MemoryQuery { Text = "word", MinScore = 1, Mode = MemorySearchMode.Keyword })).Should().BeEmpty("a score by words alone stays below one");
        (await Store.SearchAsync(Scope, new MemoryQuery { Text = new string('w', 65_536) })).Should().BeEmpty();
        (await Store.ListAsync(Scope, new MemoryListOptions { Limit = 1 })).NextCursor.Should().NotBeNull();
        (await Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 10, Limit = 100_000 })).Should().ContainSingle();
        (await Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 1, Limit = 1 })).Should().ContainSingle();
        (await Store.ListTagsAsync(Scope, new string('t', 64), 200)).Should().ContainSingle();
        (await Store.ListTagsAsync(Scope, new string('t', 128))).Should().BeEmpty();
        await InvalidAsync("depth", () => Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 11 }));
        await InvalidAsync("depth", () => Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 0 }));
        await InvalidAsync("limit", () => Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Limit = 100_001 }));
        await InvalidAsync("limit", () => Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Limit = 0 }));
        await InvalidAsync("top", () => Store.ListTagsAsync(Scope, "", 201));
        await InvalidAsync("prefix", () => Store.ListTagsAsync(Scope, new string('t', 129)));
    }
}
