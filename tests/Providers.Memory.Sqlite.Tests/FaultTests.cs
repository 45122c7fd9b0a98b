using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite.Tests;

/// <summary>Gate G10: for every N, the N-th statement of an operation fails; the operation reports it, nothing of it is there, and the store goes on.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private static readonly MemoryScope Scope = new("acme");

    public static TheoryData<string> Operations => ["insert", "update with history", "patch", "delete", "embed", "link", "unlink", "archive", "batch", "keyed", "delete by filter", "erase", "purge", "check"];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Operation_WhoseNthStatementFails_ChangesNothingAndSaysSo(string name)
    {
        TempFolder folder = new();
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = folder.File("memory.db") }, null, clock);
        await store.ExecuteAsync(new MemoryTransaction(Scope,
        [
            Note("x"), Note("y"), Note("z"), new MemoryUpsert(Note("brief").Record with { Expires = clock.GetUtcNow().AddMinutes(1) }), new MemoryLink("x", MemoryRelation.Extends, "y"),
        ]));
        clock.Advance(TimeSpan.FromMinutes(2));
        string before = await ShowAsync(store);
        int failed = 0;
        for (int n = 1; ; n++)
        {
            int left = n;
            store.Database.Writer.Before = sql =>
            {
                if (--left == 0)
                {
                    throw new SqliteException($"disk I/O error (at '{sql[..Math.Min(20, sql.Length)]}')", 10);
                }
            };
            Exception? error = await RunAsync(store, name);
            store.Database.Writer.Before = null;
            if (error is null)
            {
                break;
            }

            failed++;
            error.Should().BeOfType<MemoryUnavailableException>("statement {0}", n).Which.InnerException.Should().BeOfType<SqliteException>();
            (await store.VerifyAsync()).Should().BeEmpty("statement {0}", n);
            if (name is not "erase")
            {
                (await ShowAsync(store)).Should().Be(before, "statement {0}", n);
            }

            n.Should().BeLessThan(500);
        }

        failed.Should().BeGreaterThan(1);
        (await store.VerifyAsync()).Should().BeEmpty();
        await store.ExecuteAsync(new MemoryTransaction(Scope, [Note("after")]));
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 1 }, VectorSpace = "s" })).Should().Contain(static m => m.Record.Id == "after");
        output.WriteLine($"{name}: {failed} statements failed in turn");
    }

    [Fact]
    public async Task Database_ThatCannotBeWritten_SaysSoAndIsRead()
    {
        TempFolder folder = new();
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = folder.File("memory.db") });
        await store.ExecuteAsync(new MemoryTransaction(Scope, [Note("x")]));
        foreach ((int code, string word) in ((int, string)[])[(13, "full"), (8, "cannot be written"), (11, "damaged"), (26, "damaged"), (5, "at present")])
        {
            store.Database.Writer.Before = sql => throw new SqliteException("refused", code);
            (await FluentActions.Awaiting(() => store.ExecuteAsync(new MemoryTransaction(Scope, [Note("y")])).AsTask()).Should().ThrowAsync<MemoryUnavailableException>()).WithMessage($"*{word}*");
            await FluentActions.Awaiting(() => store.CheckAsync().AsTask()).Should().ThrowAsync<MemoryUnavailableException>();
        }

        store.Database.Writer.Before = null;
        await store.CheckAsync();
        (await store.GetAsync(Scope, "x")).Should().NotBeNull();
    }

    [Fact]
    public async Task Reading_ThatFails_SaysSoInEveryCall()
    {
        TempFolder folder = new();
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = folder.File("memory.db") });
        await store.ExecuteAsync(new MemoryTransaction(Scope, [Note("x")]));
        using (Reading reading = store.Database.Read())
        {
            reading.Sql.Before = static sql =>
            {
                if (sql.StartsWith("SELECT", StringComparison.Ordinal))
                {
                    throw new SqliteException("disk I/O error", 10);
                }
            };
        }

        Func<Task>[] calls =
        [
            () => store.GetAsync(Scope, "x").AsTask(), () => store.ListAsync(Scope).AsTask(), () => store.GetHistoryAsync(Scope, "x").AsTask(), () => store.GetRelatedAsync(Scope, "x").AsTask(),
            () => store.SearchAsync(Scope, new MemoryQuery { Text = "text" }).AsTask(), () => store.GetStatsAsync(Scope).AsTask(), () => store.ListTagsAsync(Scope).AsTask(),
            async () => await store.ReadAllAsync(Scope).GetAsyncEnumerator().MoveNextAsync(), async () => await store.ListScopesAsync(null).GetAsyncEnumerator().MoveNextAsync(),
        ];
        foreach (Func<Task> call in calls)
        {
            (await FluentActions.Awaiting(call).Should().ThrowAsync<MemoryUnavailableException>()).WithMessage("*cannot be read at present*").Which.OutcomeUnknown.Should().BeFalse();
        }
    }

    private static async Task<Exception?> RunAsync(SqliteMemoryStore store, string name)
    {
        Task Execute(bool history, params MemoryOperation[] operations) => store.ExecuteAsync(new MemoryTransaction(Scope, operations) { KeepHistory = history, IdempotencyKey = name == "keyed" ? "k" : null }).AsTask();
        try
        {
            await (name switch
            {
                "insert" => Execute(false, new MemoryUpsert(Note("new").Record with { Tags = ["t", "u"] })),
                "update with history" => Execute(true, Note("x")),
                "patch" => Execute(false, new MemoryPatch("x") { Text = "changed", Tags = ["t"] }),
                "delete" => Execute(false, new MemoryDelete("x")),
                "embed" => Execute(false, new MemoryEmbed("x", new float[] { 3, 3, 3 }, "other")),
                "link" => Execute(false, new MemoryLink("y", MemoryRelation.Supports, "x")),
                "unlink" => Execute(false, new MemoryUnlink("x", MemoryRelation.Extends, "y")),
                "archive" => Execute(false, new MemoryPatch("x") { Archived = true }),
                "batch" or "keyed" => Execute(false, Note("n1"), new MemoryPatch("y") { Importance = 1 }, new MemoryDelete("z"), new MemoryLink("n1", MemoryRelation.Follows, "x")),
                "delete by filter" => store.DeleteAsync(Scope, new MemoryFilter { Ids = ["x", "z"] }).AsTask(),
                "erase" => store.EraseAsync(Scope, new MemoryFilter { Ids = ["x"] }).AsTask(),
                "purge" => store.PurgeExpiredAsync().AsTask(),
                _ => store.CheckAsync().AsTask(),
            });
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>All that can be seen of the store, and what is there but cannot be seen.</summary>
    private static async Task<string> ShowAsync(SqliteMemoryStore store)
    {
        List<string> lines = [];
        await foreach (MemoryRecord r in store.ReadAllAsync(Scope, new MemoryFilter { State = MemoryState.Any }))
        {
            lines.Add($"{r.Id} {r.Text} {r.Version} {string.Join(',', r.Tags)} {r.Archived} {r.VectorSpace} {r.Importance} {(await store.GetHistoryAsync(Scope, r.Id)).Count} {string.Join(';', await store.GetRelatedAsync(Scope, r.Id))}");
        }

        using SqliteConnection connection = store.Database.Open();
        lines.Add($"{connection.Scalar<long>("SELECT count(*) FROM memory")} rows, {connection.Scalar<long>("SELECT count(*) FROM replay")} keys");
        return string.Join('\n', lines);
    }

    private static MemoryUpsert Note(string id) => new(new MemoryRecord { Id = id, Text = "text of " + id, Vector = new float[] { 1, id[0] }, VectorSpace = "s" });
}
