using Npgsql;

namespace Providers.Memory.Postgres.Tests;

/// <summary>Vectors with pgvector: an HNSW index for each large space, half precision for many dimensions, and the move from bytes.</summary>
[Collection(PgliteCollection.Name)]
public sealed class VectorTests(PgliteServer server)
{
    private static readonly MemoryScope Scope = new("acme");
    private readonly string _schema = PostgresServer.NewSchema();

    [Fact]
    public async Task Space_ThatGrowsLarge_GetsAnIndexThatIsUsedAndFindsTheNearest()
    {
        await using PostgresMemoryStore store = server.Store(_schema, null, static o => o.IndexFrom = 1_000);
        MemoryUpsert[] notes = Notes(1_500, 16, 5);
        await store.ExecuteAsync(new MemoryTransaction(Scope, [.. notes.Take(900)]));
        await store.Indexes.Idle;
        (await IndexesAsync()).Should().Be(0L);
        await store.ExecuteAsync(new MemoryTransaction(Scope, [.. notes.Skip(900)]));
        await store.Indexes.Idle;
        (await IndexesAsync()).Should().Be(1L);
        object? plan = await PostgresServer.SqlAsync(server.ConnectionString, $"BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; EXPLAIN (FORMAT JSON) SELECT m.row FROM {_schema}.memory m WHERE m.scope = 1 AND m.space = 1 ORDER BY (m.vector::vector(16)) <=> '{Text(notes[0])}' LIMIT 5; COMMIT");
        plan!.ToString().Should().Contain("memory_hnsw_1");
        int right = 0;
        for (int i = 0; i < 50; i++)
        {
            MemoryQuery query = new() { Mode = MemorySearchMode.Semantic, Vector = notes[i * 7].Record.Vector, VectorSpace = "s", Top = 10, Filter = i % 2 == 0 ? null : new MemoryFilter { Kinds = ["odd"] } };
            string[] nearest = [.. notes.Where(n => i % 2 == 0 || n.Record.Kind == "odd").OrderByDescending(n => Cosine(n.Record.Vector!.Value.Span, query.Vector!.Value.Span)).Take(10).Select(static n => n.Record.Id)];
            IReadOnlyList<MemoryMatch> found = await store.SearchAsync(Scope, query);
            found.Should().HaveCount(10);
            found.Select(static m => m.Score).Should().BeInDescendingOrder();
            right += found.Count(m => nearest.Contains(m.Record.Id));
        }

        right.Should().BeGreaterThan(490, "of 500");
        await store.ReindexAsync();
        (await IndexesAsync()).Should().Be(1L);
    }

    [Theory]
    [InlineData(3_000, 1)]
    [InlineData(4_096, 0)]
    public async Task Space_OfManyDimensions_IsIndexedInHalfPrecisionOrNotAtAll(int dimensions, long indexes)
    {
        await using PostgresMemoryStore store = server.Store(_schema, null, static o => o.IndexFrom = 1);
        MemoryUpsert[] notes = Notes(10, dimensions, 6);
        await store.ExecuteAsync(new MemoryTransaction(Scope, notes));
        await store.Indexes.Idle;
        (await IndexesAsync()).Should().Be(indexes);
        IReadOnlyList<MemoryMatch> found = await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = notes[4].Record.Vector, VectorSpace = "s" });
        found[0].Record.Id.Should().Be("n4");
        found[0].VectorScore.Should().BeApproximately(1, 1e-5);
        found[0].Record.Vector!.Value.ToArray().Should().Equal(notes[4].Record.Vector!.Value.ToArray());
    }

    [Fact]
    public async Task Vectors_KeptAsBytes_MoveToPgvectorUnderARunningHost()
    {
        MemoryUpsert[] notes = Notes(1_200, 8, 8);
        MemoryQuery query = new() { Mode = MemorySearchMode.Semantic, Vector = notes[3].Record.Vector, VectorSpace = "s", Top = 5 };
        await using PostgresMemoryStore old = server.Store(_schema, null, static o => o.Vectors = PostgresVectors.Exact);
        await old.ExecuteAsync(new MemoryTransaction(Scope, [.. notes.Take(1_000)]));
        await old.ExecuteAsync(new MemoryTransaction(Scope with { Tenant = "rival" }, [.. notes.Skip(1_000), new MemoryUpsert(new MemoryRecord { Id = "bare", Text = "t" })]));
        string[] before = [.. (await old.SearchAsync(Scope, query)).Select(static m => m.Record.Id)];
        await using PostgresMemoryStore mover = server.Store(_schema, null, static o => o.IndexFrom = 500);
        await mover.ReindexAsync();
        (await IndexesAsync()).Should().Be(1L);
        foreach (PostgresMemoryStore store in (PostgresMemoryStore[])[mover, old])
        {
            (await store.SearchAsync(Scope, query)).Select(static m => m.Record.Id).Should().Equal(before);
            (await store.GetAsync(Scope, "n7"))!.Vector!.Value.ToArray().Should().Equal(notes[7].Record.Vector!.Value.ToArray());
            (await store.GetStatsAsync(Scope with { Tenant = "rival" })).BySpace["s"].Should().Be(200);
        }

        await old.ExecuteAsync(new MemoryTransaction(Scope, [notes[1_100]]));
        (await mover.GetAsync(Scope, "n1100"))!.Vector!.Value.Length.Should().Be(8);
    }

    [Fact]
    public async Task Vectors_OfExtremeComponents_HaveFiniteScores()
    {
        await using PostgresMemoryStore store = server.Store(_schema);
        await using PostgresMemoryStore exact = server.Store(PostgresServer.NewSchema(), null, static o => o.Vectors = PostgresVectors.Exact);
        foreach (PostgresMemoryStore each in (PostgresMemoryStore[])[store, exact])
        {
            await each.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "huge", Text = "t", Vector = new[] { float.MaxValue, float.MaxValue }, VectorSpace = "s" }), new MemoryUpsert(new MemoryRecord { Id = "tiny", Text = "t", Vector = new[] { float.Epsilon, -0f }, VectorSpace = "s" })]));
            (await each.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new[] { float.MaxValue, -float.MaxValue }, VectorSpace = "s" })).Should().HaveCount(2).And.OnlyContain(static m => m.VectorScore >= -1 && m.VectorScore <= 1);
        }
    }

    private static MemoryUpsert[] Notes(int count, int dimensions, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(i => new MemoryUpsert(new MemoryRecord { Id = $"n{i}", Text = $"note {i}", Kind = i % 2 == 1 ? "odd" : "even", Vector = Enumerable.Range(0, dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray(), VectorSpace = "s" }))];
    }

    private static double Cosine(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        double dot = 0, a = 0, b = 0;
        for (int i = 0; i < one.Length; i++)
        {
            (dot, a, b) = (dot + (one[i] * other[i]), a + (one[i] * one[i]), b + (other[i] * other[i]));
        }

        return dot / Math.Sqrt(a * b);
    }

    private static string Text(MemoryUpsert note) => $"[{string.Join(',', note.Record.Vector!.Value.ToArray())}]";

    private Task<object?> IndexesAsync() => PostgresServer.SqlAsync(server.ConnectionString, $"SELECT count(*) FROM pg_indexes WHERE schemaname = '{_schema}' AND indexname LIKE 'memory_hnsw_%'");
}
