using Providers.Memory;

namespace Providers.Conformance;

/// <summary>Earlier versions, kept on demand.</summary>
public abstract partial class StoreConformance
{
    [Fact]
    public async Task History_KeptOnDemand_HasWhatWasReplacedNewestFirst()
    {
        await WriteAsync(new MemoryUpsert(Note("one", "x").Record with { Tags = ["t"], Metadata = Json("""{"k":1}"""), Vector = new float[] { 1, 0 }, VectorSpace = "s", Provenance = new MemoryProvenance { Source = "user" } }));
        DateTimeOffset first = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromMinutes(1));
        await KeepingAsync(new MemoryPatch("x") { Text = "two", Vector = new float[] { 0, 1 }, VectorSpace = "s" });
        await WriteAsync(new MemoryPatch("x") { Text = "three, whose forerunner is not kept" });
        await KeepingAsync(Note("four", "x"));
        IReadOnlyList<MemoryRecord> history = await Store.GetHistoryAsync(Scope, "x");
        history.Select(static r => (r.Version, r.Text)).Should().Equal((3, "three, whose forerunner is not kept"), (1, "one"));
        history.Should().OnlyContain(static r => r.Vector == null && r.VectorSpace == null && r.Id == "x");
        (history[1].Created, history[1].Updated, history[1].Tags[0], history[1].Metadata!.Value.GetRawText(), history[1].Provenance!.Source).Should().Be((first, first, "t", """{"k":1}""", "user"));
        (await Store.SearchAsync(Scope, new MemoryQuery { Text = "one three" })).Should().BeEmpty("search finds the present");
        (await Store.GetHistoryAsync(Scope, "none")).Should().BeEmpty();
        (await Store.GetHistoryAsync(new MemoryScope("rival", "notes"), "x")).Should().BeEmpty();
    }

    [Fact]
    public async Task History_GoesWithItsMemory()
    {
        await WriteAsync(new MemoryUpsert(Note("one", "x").Record with { Expires = Clock.GetUtcNow().AddHours(1) }));
        await KeepingAsync(new MemoryPatch("x") { Text = "two" });
        await KeepingAsync(new MemoryEmbed("x", new float[] { 1 }, "s"));
        (await Store.GetHistoryAsync(Scope, "x")).Should().ContainSingle("another vector is no new version");
        Clock.Advance(TimeSpan.FromHours(1));
        (await Store.GetHistoryAsync(Scope, "x")).Should().BeEmpty("it has expired");
        await KeepingAsync(Note("another", "x"));
        (await Store.GetHistoryAsync(Scope, "x")).Should().BeEmpty("that is another memory");
        await KeepingAsync(new MemoryPatch("x") { Text = "changed" });
        await KeepingAsync(new MemoryDelete("x"));
        await WriteAsync(Note("a third", "x"));
        (await Store.GetHistoryAsync(Scope, "x")).Should().BeEmpty();
    }

    [Fact]
    public async Task History_OfManyVersions_KeepsTheLast100()
    {
        for (int i = 1; i <= 103; i++)
        {
            await KeepingAsync(Note($"v{i}", "x"));
        }

        (await Store.GetHistoryAsync(Scope, "x")).Select(static r => r.Version).Should().Equal(Enumerable.Range(3, 100).Reverse().Select(static v => (long)v));
    }

    [Fact]
    public async Task Embed_AnotherVector_ChangesNothingElse()
    {
        await WriteAsync(new MemoryUpsert(Note("a", "x").Record with { Vector = new float[] { 1, 0 }, VectorSpace = "old" }));
        DateTimeOffset written = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromMinutes(1));
        (await WriteAsync(new MemoryEmbed("x", new float[] { 0, 0, 1 }, "new") { ExpectedVersion = 1 })).Should().Be(new MemoryOutcome(MemoryChange.Updated, "x", 1));
        MemoryRecord read = (await Store.GetAsync(Scope, "x"))!;
        (read.Version, read.Updated, read.VectorSpace, read.Text).Should().Be((1L, written, "new", "a"));
        read.Vector!.Value.ToArray().Should().Equal(0, 0, 1);
        (await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "old" })).Should().BeEmpty();
        (await Store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 0, 0, 1 }, VectorSpace = "new" })).Should().ContainSingle();
        await ConflictsAsync(0, "x", 2, 1, new MemoryEmbed("x", new float[] { 1 }, "z") { ExpectedVersion = 2 });
        await ConflictsAsync(0, "none", null, null, new MemoryEmbed("none", new float[] { 1 }, "z"));
        await InvalidAsync("vector", async () => await WriteAsync(new MemoryEmbed("x", new float[] { 1 }, "new")));
    }

    [Fact]
    public async Task Upsert_KeepingTimes_TakesThemOver()
    {
        DateTimeOffset longAgo = Clock.GetUtcNow().AddYears(-2);
        await WriteAsync(new MemoryUpsert(Note("a", "x").Record with { Created = longAgo, Updated = longAgo.AddDays(1), Archived = longAgo.AddDays(2), Version = 9 }) { KeepTimes = true });
        MemoryRecord read = (await Store.GetAsync(Scope, "x"))!;
        (read.Created, read.Updated, read.Archived, read.Version).Should().Be((longAgo, longAgo.AddDays(1), longAgo.AddDays(2), 1L));
        await WriteAsync(new MemoryUpsert(Note("a", "y").Record with { Created = longAgo }));
        (await Store.GetAsync(Scope, "y"))!.Created.Should().Be(Clock.GetUtcNow());
        await WriteAsync(new MemoryUpsert(Note("a", "z").Record) { KeepTimes = true });
        (await Store.GetAsync(Scope, "z"))!.Created.Should().Be(Clock.GetUtcNow());
        await InvalidAsync("created", async () => await WriteAsync(new MemoryUpsert(Note("a", "w").Record with { Created = Clock.GetUtcNow().AddDays(1) }) { KeepTimes = true }));
    }

    private async Task KeepingAsync(MemoryOperation operation) => await Store.ExecuteAsync(new MemoryTransaction(Scope, [operation]) { KeepHistory = true });
}
