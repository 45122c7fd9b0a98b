using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite.Tests;

/// <summary>Statements, connections that are lent, and the group that shares a commit.</summary>
public sealed class StatementTests
{
    private static readonly MemoryScope Scope = new("acme");
    private readonly TempFolder _folder = new();

    [Fact]
    public void Values_OfEverySort_AreReadBackAsTheyWere()
    {
        using Statements sql = Open();
        sql.Run("CREATE TABLE t (a, b, c, d, e, f)");
        foreach (string text in (string[])["", "a\0b", "Oslo 🌍", new string('å', 5_000)])
        {
            sql.Run("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5, ?6)", text, 7, 1.5, null, new byte[] { 1, 2 }, (ReadOnlyMemory<float>)new float[] { 0.5f }).Should().Be(1);
            using Rows rows = sql.Read("SELECT * FROM t WHERE rowid = ?1", sql.LastRow);
            rows.Read().Should().BeTrue();
            (rows.String(0), rows.Value(1), rows.Value(2), rows.Value(3)).Should().Be((text, 7L, 1.5, null));
            ((byte[])rows.Value(4)!).Should().Equal(1, 2);
            RecordRow.ReadVector(rows.Bytes(5)).Should().Equal(0.5f);
            (rows.StringOrNull(3), rows.TimeOrNull(3)).Should().Be((null, null));
            rows.Read().Should().BeFalse();
        }

        sql.Invoking(static s => s.Run("SELECT ?1", 1m)).Should().Throw<ArgumentException>().WithMessage("Parameter 1 is a System.Decimal*");
        sql.Scalar<string>("SELECT ?1", "the same statement again").Should().Be("the same statement again");
    }

    [Fact]
    public void Statement_WhoseRowsAreBeingRead_RunsBesideItself()
    {
        using Statements sql = Open();
        const string three = "SELECT value FROM json_each('[1,2,3]')";
        using Rows outer = sql.Read(three);
        List<long> pairs = [];
        while (outer.Read())
        {
            pairs.AddRange(sql.Numbers(three).Select(n => (outer.Int64(0) * 10) + n));
        }

        pairs.Should().Equal(11, 12, 13, 21, 22, 23, 31, 32, 33);
    }

    [Fact]
    public void Statements_OfManyShapes_AreNotKeptForEver()
    {
        using Statements sql = Open();
        using Rows open = sql.Read("SELECT 'still read'");
        for (int i = 0; i < 1_000; i++)
        {
            sql.Scalar<long>($"SELECT {i}").Should().Be(i);
        }

        open.Read().Should().BeTrue();
        open.String(0).Should().Be("still read");
        sql.Kept.Should().BeLessThanOrEqualTo(256);
    }

    [Fact]
    public async Task Readers_ManyAtOnce_EachHaveASnapshotOfTheirOwn()
    {
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = _folder.File("memory.db") });
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "x", Text = "a" })]));
        Reading[] readings = [.. Enumerable.Range(0, 20).Select(_ => store.Database.Read())];
        readings.Should().AllSatisfy(static r => r.Sql.Scalar<long>("SELECT count(*) FROM memory").Should().Be(1));
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "y", Text = "b" })]));
        readings.Should().AllSatisfy(static r => r.Sql.Scalar<long>("SELECT count(*) FROM memory").Should().Be(1, "its snapshot began before"));
        foreach (Reading reading in readings)
        {
            reading.Dispose();
            reading.Dispose(); // harmless
        }

        using Reading next = store.Database.Read();
        next.Sql.Scalar<long>("SELECT count(*) FROM memory").Should().Be(2);
        await store.DisposeAsync();
        next.Sql.Scalar<long>("SELECT count(*) FROM memory").Should().Be(2, "who still reads is not cut off");
    }

    [Fact]
    public async Task Job_ThatIsRefusedAfterItWrote_UndoesItsGroup()
    {
        using Database database = new(_folder.File("memory.db"));
        using SpaceShelves shelves = new(database, 1_000);
        await using GroupWriter writer = new(database, shelves, 8);
        await FluentActions.Awaiting(() => writer.WriteAsync<bool>(
            static rows =>
            {
                rows.ScopeOf(Scope);
                throw new MemoryConflictException(0, "x", 1, null);
            },
            default).AsTask()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*fault of the store*");
        (await writer.WriteAsync(static rows => rows.Number(Scope), default)).Should().BeNull();
    }

    [Theory]
    [InlineData(1, 11)]
    [InlineData(4, 3)]
    [InlineData(11, 1)]
    public async Task Group_HasNoMoreThanItMay(int most, int commits)
    {
        using Database database = new(_folder.File("memory.db"));
        using SpaceShelves shelves = new(database, 1_000);
        await using GroupWriter writer = new(database, shelves, most);
        int committed = 0;
        database.Writer.Before = sql => committed += sql == "COMMIT" ? 1 : 0;
        using ManualResetEventSlim go = new();
        Task<bool>[] jobs = [.. Enumerable.Range(0, 11).Select(_ => writer.WriteAsync(
            _ =>
            {
                go.Wait(TimeSpan.FromMinutes(1)); // until all of them wait
                return true;
            },
            default).AsTask())];
        go.Set();
        await Task.WhenAll(jobs).WaitAsync(TimeSpan.FromMinutes(1));
        committed.Should().Be(commits);
    }

    [Fact]
    public async Task Frequencies_AreRememberedUntilMuchHasChanged()
    {
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = _folder.File("memory.db") });
        WordFrequencies frequencies = new();
        await AddAsync(3);
        Count().Should().Be(3);
        await AddAsync(2);
        Count().Should().Be(3, "it was counted a short while ago");
        frequencies.Changed(4_999);
        Count().Should().Be(3);
        frequencies.Changed(1);
        Count().Should().Be(5);
        frequencies.Changed(4_999);
        await AddAsync(1);
        Count().Should().Be(5, "changes are counted anew");

        Task AddAsync(int count) => store.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(0, count).Select(static _ => new MemoryUpsert(new MemoryRecord { Text = "a fjord" }))])).AsTask();
        long Count()
        {
            using Reading reading = store.Database.Read();
            return frequencies.Count(reading.Sql, "fjord");
        }
    }

    [Fact]
    public void Gathering_WaitsOnlyForAsManyAsLastTime()
    {
        Channel<WriteJob> queue = Channel.CreateUnbounded<WriteJob>();
        Gathering gathering = new(queue.Reader);
        gathering.TryTake(0, out _).Should().BeFalse("nothing was learned yet, so nothing is waited for");
        gathering.Committed(3, TimeSpan.FromMinutes(1));
        gathering.TryTake(3, out _).Should().BeFalse("as many as last time are there");
        gathering.TryTake(1, out _).Should().BeFalse("nobody comes, and the patience ends");
        WriteJob<int> job = new(static _ => 1, alone: false);
        queue.Writer.TryWrite(job);
        gathering.TryTake(100, out WriteJob? taken).Should().BeTrue("what is there is taken");
        taken.Should().BeSameAs(job);
    }

    [Fact]
    public async Task Words_OfMemoriesThatAreMostlyArchived_AreFoundAllTheSame()
    {
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = _folder.File("memory.db") });
        await store.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(0, 200).Select(static i => new MemoryUpsert(new MemoryRecord
        {
            Id = $"n{i}", Text = i < 150 ? "fjord" : "a fjord that is deep and long", Archived = i < 150 ? DateTimeOffset.UnixEpoch : null,
        }))]));
        IReadOnlyList<MemoryMatch> found = await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "fjord", Top = 40 });
        found.Should().HaveCount(40).And.OnlyContain(static m => m.Record.Archived == null);
        found.Should().BeInDescendingOrder(static m => m.Score);
    }

    private Statements Open()
    {
        SqliteConnection connection = new($"Data Source={_folder.File("plain.db")};Pooling=False");
        connection.Open();
        return new Statements(connection);
    }
}
