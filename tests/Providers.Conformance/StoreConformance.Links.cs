using Providers.Memory;

namespace Providers.Conformance;

/// <summary>Links between memories.</summary>
public abstract partial class StoreConformance
{
    private static readonly MemoryScope Rival = new("rival", "notes");

    [Fact]
    public async Task Link_AndUnlink_SayWhatTheyDid()
    {
        await NotesAsync("a", "b");
        MemoryLink link = new("a", MemoryRelation.Extends, "b");
        (await WriteAsync(link)).Should().Be(new MemoryOutcome(MemoryChange.Linked, "a", 1));
        (await WriteAsync(link)).Should().Be(new MemoryOutcome(MemoryChange.Linked, "a", 1), "twice is once");
        (await Store.GetRelatedAsync(Scope, "a")).Should().Equal(new MemoryEdge("a", MemoryRelation.Extends, "b", 1));
        (await Store.GetRelatedAsync(Scope, "b")).Should().Equal(new MemoryEdge("a", MemoryRelation.Extends, "b", 1));
        (await Store.GetStatsAsync(Scope)).Links.Should().Be(1);
        (await Store.GetAsync(Scope, "a"))!.Version.Should().Be(1);
        (await WriteAsync(new MemoryUnlink("a", MemoryRelation.Supports, "b"))).Should().Be(new MemoryOutcome(MemoryChange.NotFound, "a", 0));
        (await WriteAsync(new MemoryUnlink("none", MemoryRelation.Supports, "b"))).Change.Should().Be(MemoryChange.NotFound);
        (await WriteAsync(new MemoryUnlink("a", MemoryRelation.Extends, "b"))).Should().Be(new MemoryOutcome(MemoryChange.Unlinked, "a", 0));
        (await Store.GetRelatedAsync(Scope, "a")).Should().BeEmpty();
    }

    [Fact]
    public async Task Link_ToWhatIsNotThere_IsAConflictAndChangesNothing()
    {
        await NotesAsync("a", "b");
        await Store.ExecuteAsync(new MemoryTransaction(Rival, [Note("theirs", "c")]));
        await ConflictsAsync(1, "c", null, null, Note("new", "n"), new MemoryLink("a", MemoryRelation.References, "c"));
        await ConflictsAsync(1, "a", null, null, new MemoryDelete("a"), new MemoryLink("a", MemoryRelation.References, "b"));
        (await Store.GetAsync(Scope, "n")).Should().BeNull();
        (await Store.GetAsync(Scope, "a")).Should().NotBeNull();
        await InvalidAsync("to", async () => await WriteAsync(new MemoryLink("a", MemoryRelation.References, "a")));
        await InvalidAsync("relation", async () => await WriteAsync(new MemoryLink("a", (MemoryRelation)77, "b")));
        await InvalidAsync("from", async () => await WriteAsync(new MemoryUnlink("a/b", MemoryRelation.References, "b")));
        await InvalidAsync("depth", () => Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 11 }));
        await InvalidAsync("limit", () => Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Limit = 0 }));
    }

    [Fact]
    public async Task Transaction_WithLinks_HappensInOrder()
    {
        await NotesAsync("old", "b");
        await WriteAsync(new MemoryLink("old", MemoryRelation.Precedes, "b"));
        MemoryTransactionResult result = await Store.ExecuteAsync(new MemoryTransaction(Scope,
        [
            Note("n", "n"), new MemoryLink("n", MemoryRelation.Follows, "b"), new MemoryLink("n", MemoryRelation.Follows, "old"), new MemoryDelete("old"),
            new MemoryUnlink("old", MemoryRelation.Precedes, "b"), new MemoryPatch("b") { Text = "b2" }, new MemoryLink("b", MemoryRelation.RelatedTo, "n"), new MemoryUnlink("b", MemoryRelation.RelatedTo, "n"),
        ]));
        result.Outcomes.Select(static o => (o.Change, o.Version)).Should().Equal(
            (MemoryChange.Created, 1), (MemoryChange.Linked, 1), (MemoryChange.Linked, 1), (MemoryChange.Deleted, 0), (MemoryChange.NotFound, 0), (MemoryChange.Updated, 2), (MemoryChange.Linked, 2), (MemoryChange.Unlinked, 0));
        (await Store.GetRelatedAsync(Scope, "n")).Should().Equal(new MemoryEdge("n", MemoryRelation.Follows, "b", 1));
        (await Store.GetStatsAsync(Scope)).Links.Should().Be(1);
    }

    [Fact]
    public async Task Related_ToADepth_FollowsBreadthFirst()
    {
        // a -> b -> c -> d, b -> a, c contradicts b, e supports a
        await NotesAsync("a", "b", "c", "d", "e");
        await Store.ExecuteAsync(new MemoryTransaction(Scope,
        [
            new MemoryLink("a", MemoryRelation.References, "b"), new MemoryLink("b", MemoryRelation.References, "c"), new MemoryLink("c", MemoryRelation.References, "d"),
            new MemoryLink("b", MemoryRelation.References, "a"), new MemoryLink("c", MemoryRelation.Contradicts, "b"), new MemoryLink("e", MemoryRelation.Supports, "a"),
        ]));
        static string Show(IEnumerable<MemoryEdge> edges) => string.Join(' ', edges.Select(static e => $"{e.From}{e.To}{e.Depth}"));
        Show(await Store.GetRelatedAsync(Scope, "a")).Should().Be("ab1 ba1 ea1");
        Show(await Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 2 })).Should().Be("ab1 ba1 ea1 bc2 cb2");
        Show(await Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 10 })).Should().Be("ab1 ba1 ea1 bc2 cb2 cd3");
        Show(await Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 10, Limit = 4 })).Should().Be("ab1 ba1 ea1 bc2");
        Show(await Store.GetRelatedAsync(Scope, "b", new MemoryRelatedOptions { Depth = 10, Direction = MemoryLinkDirection.Outgoing })).Should().Be("ba1 bc1 ab2 cd2 cb2");
        Show(await Store.GetRelatedAsync(Scope, "b", new MemoryRelatedOptions { Depth = 10, Direction = MemoryLinkDirection.Incoming })).Should().Be("ab1 cb1 ba2 bc2 ea2");
        Show(await Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 10, Relations = [MemoryRelation.Supports, MemoryRelation.Contradicts] })).Should().Be("ea1");
        Show(await Store.GetRelatedAsync(Scope, "none")).Should().BeEmpty();
        Show(await Store.GetRelatedAsync(Rival, "a")).Should().BeEmpty();
    }

    [Fact]
    public async Task Links_OfWhatGoes_GoWithIt()
    {
        await NotesAsync("a", "b", "c");
        await WriteAsync(new MemoryUpsert(Note("d", "d").Record with { Expires = Clock.GetUtcNow().AddHours(1) }));
        await Store.ExecuteAsync(new MemoryTransaction(Scope,
            [new MemoryLink("a", MemoryRelation.References, "b"), new MemoryLink("b", MemoryRelation.References, "c"), new MemoryLink("c", MemoryRelation.References, "d"), new MemoryLink("d", MemoryRelation.References, "a")]));
        await WriteAsync(Note("b again", "b"));
        await WriteAsync(new MemoryPatch("c") { Archived = true });
        (await Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 10 })).Should().HaveCount(4, "a new version keeps its links, and archived memories theirs");
        Clock.Advance(TimeSpan.FromHours(1));
        (await Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 10 })).Should().HaveCount(2, "d has expired");
        (await Store.GetStatsAsync(Scope)).Links.Should().Be(2);
        await WriteAsync(Note("another d", "d"));
        (await Store.GetRelatedAsync(Scope, "d")).Should().BeEmpty();
        await WriteAsync(new MemoryDelete("b"));
        await WriteAsync(Note("another b", "b"));
        (await Store.GetStatsAsync(Scope)).Links.Should().Be(0);
        (await Store.GetRelatedAsync(Scope, "a", new MemoryRelatedOptions { Depth = 10 })).Should().BeEmpty();
    }

    /// <summary>An export asks for all of them.</summary>
    [Fact]
    public async Task Related_OfAHub_GivesEveryLinkThatIsAskedFor()
    {
        const int Count = 1_001;
        foreach (string[] ids in Enumerable.Range(0, Count).Select(static i => $"n{i:D4}").Chunk(500))
        {
            await NotesAsync(ids);
        }

        await NotesAsync("hub");
        foreach (MemoryOperation[] links in Enumerable.Range(0, Count).Select(static MemoryOperation (i) => new MemoryLink("hub", MemoryRelation.References, $"n{i:D4}")).Chunk(500))
        {
            await Store.ExecuteAsync(new MemoryTransaction(Scope, links));
        }

        MemoryRelatedOptions all = new() { Direction = MemoryLinkDirection.Outgoing, Limit = 100_000 };
        (await Store.GetRelatedAsync(Scope, "hub", all)).Select(static e => e.To).Should().Equal(Enumerable.Range(0, Count).Select(static i => $"n{i:D4}"));
        (await Store.GetRelatedAsync(Scope, "hub", all with { Limit = 1_000 })).Should().HaveCount(1_000);
        await InvalidAsync("limit", () => Store.GetRelatedAsync(Scope, "hub", all with { Limit = 100_001 }));
    }

    private async Task NotesAsync(params string[] ids) => await Store.ExecuteAsync(new MemoryTransaction(Scope, [.. ids.Select(static id => Note($"note {id}", id))]));
}
