using Providers.VectorData;

namespace Providers.Memory.VectorData.Tests.Rows;

/// <summary>What is written in rows is read back whole.</summary>
public sealed class RowTests
{
    private static readonly MemoryScope Scope = new("acme", "notes");
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Memory_WithAllThatHangsOnIt_IsReadBack()
    {
        HeldMemory memory = Held("x");
        StoredRow row = MemoryDocument.Row(Scope, memory);
        row.Name.Should().Be("memory/acme/notes/x");
        row.Group.Should().Be(StoredRow.Memory);
        row.Vector.ToArray().Should().Equal(memory.Record.Vector!.Value.ToArray());

        (MemoryScope scope, HeldMemory read) = MemoryDocument.Read(row.Json);
        scope.Should().Be(Scope);
        read.Record.Vector!.Value.ToArray().Should().Equal(0.1f, -3f, float.Epsilon);
        read.Record.Should().BeEquivalentTo(memory.Record, static o => o.Excluding(static r => r.Vector));
        read.History.Should().BeEquivalentTo(memory.History, static o => o.WithStrictOrdering());
        read.Links.Should().Equal(memory.Links);
    }

    [Fact]
    public void Memory_WithoutAVector_LiesAmongThoseWithoutOne()
    {
        HeldMemory memory = new(new MemoryRecord { Id = "x", Text = "no vector" }, [], []);
        StoredRow row = MemoryDocument.Row(Scope, memory);
        row.Vector.ToArray().Should().Equal(1f);
        HeldMemory read = MemoryDocument.Read(row.Json).Memory;
        read.Record.Vector.Should().BeNull();
        read.Record.VectorSpace.Should().BeNull();
        read.History.Should().BeEmpty();
        read.Links.Should().BeEmpty();
    }

    [Fact]
    public void Memory_WhoseVectorIsZero_KeepsItButLiesAmongThoseWithoutOne()
    {
        HeldMemory memory = new(new MemoryRecord { Id = "x", Text = "zero", Vector = new float[3], VectorSpace = "s" }, [], []);
        StoredRow row = MemoryDocument.Row(Scope, memory);
        row.Vector.ToArray().Should().Equal(1f);
        MemoryDocument.Read(row.Json).Memory.Record.Vector!.Value.ToArray().Should().Equal(0f, 0f, 0f);
    }

    [Fact]
    public void Journal_IsReadBackInOrder()
    {
        StoredRow first = MemoryDocument.Row(Scope, Held("x"));
        StoredRow key = UsedKey.Row(new HeldKey(Scope, "k", "hash", new MemoryTransactionResult([]), Noon));
        StoredRow fact = new("fact/one", StoredRow.Fact, "said", StoredRow.NoVector);
        List<RowChange> read = JournalJson.Read(JournalJson.Write(
            [new RowChange(first.Name, first), new RowChange("memory/acme/notes/gone", null), new RowChange(key.Name, key), new RowChange(fact.Name, fact)]));

        read.Select(static c => c.Name).Should().Equal("memory/acme/notes/x", "memory/acme/notes/gone", "key/acme/notes/k", "fact/one");
        read.Select(static c => c.Row?.Name).Should().Equal("memory/acme/notes/x", null, "key/acme/notes/k", "fact/one");
        read.Select(static c => c.Row?.Group).Should().Equal(StoredRow.Memory, null, StoredRow.Key, StoredRow.Fact);
        read.Select(static c => c.Row?.Json).Should().Equal(first.Json, null, key.Json, "said");
        read.Select(static c => c.Row?.Vector.Length).Should().Equal(3, null, 1, 1);
        read[0].Row!.Vector.ToArray().Should().Equal(first.Vector.ToArray());
        JournalJson.Read(JournalJson.Write([])).Should().BeEmpty();
    }

    [Fact]
    public void Key_IsReadBack()
    {
        HeldKey key = new(Scope, "k", "hash", new MemoryTransactionResult([new MemoryOutcome(MemoryChange.Created, "x", 1)]), Noon);
        HeldKey read = UsedKey.Read(UsedKey.Row(key).Json);
        read.Result.Outcomes.Should().Equal(key.Result.Outcomes);
        (read with { Result = key.Result }).Should().Be(key);
    }

    [Fact]
    public async Task Rows_AreReadFromTheirCollections()
    {
        using ProvidersVectorStore vectors = new();
        VectorDataMemoryOptions options = new();
        StoredRow memory = MemoryDocument.Row(Scope, Held("x")), fact = new("fact/one", StoredRow.Fact, "said", StoredRow.NoVector);
        RowStore rows = new(vectors, options);
        (await rows.OpenAsync(default)).Should().BeEmpty();
        await rows.WriteAsync([new RowChange(memory.Name, memory), new RowChange(fact.Name, fact)], default);
        List<StoredRow> read = await new RowStore(vectors, options).OpenAsync(default);
        read.Select(static r => (r.Name, r.Group, r.Json)).Should().BeEquivalentTo([(memory.Name, memory.Group, memory.Json), (fact.Name, fact.Group, fact.Json)]);
        read.Single(static r => r.Group == StoredRow.Memory).Vector.Length.Should().Be(3);
        read.Single(static r => r.Group == StoredRow.Fact).Vector.Length.Should().Be(1);
    }

    [Fact]
    public async Task Row_ThatMoves_LiesInOnePlace()
    {
        using ProvidersVectorStore vectors = new();
        VectorDataMemoryOptions options = new();
        StoredRow was = new("fact/one", StoredRow.Fact, "old", new float[] { 1, 1 }), to = was with { Json = "new", Vector = new float[] { 1, 1, 1 } };
        RowStore rows = new(vectors, options);
        await rows.OpenAsync(default);
        await rows.WriteAsync([new RowChange(was.Name, was)], default);
        await rows.WriteAsync([new RowChange(to.Name, to)], default);
        await rows.WriteAsync([new RowChange("fact/other", to with { Name = "fact/other" })], default);
        List<StoredRow> read = await new RowStore(vectors, options).OpenAsync(default);
        read.Select(static r => (r.Name, r.Json, r.Vector.Length)).Should().BeEquivalentTo([("fact/one", "new", 3), ("fact/other", "new", 3)]);
    }

    private static HeldMemory Held(string id) => new(
        new MemoryRecord { Id = id, Text = "text of " + id, Version = 3, Importance = 0.6, Tags = ["a", "b"], Created = Noon, Updated = Noon.AddTicks(3), Vector = new float[] { 0.1f, -3f, float.Epsilon }, VectorSpace = "s" },
        [new MemoryRecord { Id = id, Text = "first", Version = 1, Created = Noon, Updated = Noon }, new MemoryRecord { Id = id, Text = "second", Version = 2, Created = Noon, Updated = Noon.AddTicks(1) }],
        [new MemoryLink(id, MemoryRelation.Extends, "y"), new MemoryLink(id, MemoryRelation.Follows, "z")]);
}
