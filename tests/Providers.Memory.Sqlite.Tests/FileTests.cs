using System.Text;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite.Tests;

/// <summary>The file itself: who may read it, what happens when it is damaged, foreign, in use or newer, and that erased is erased.</summary>
public sealed class FileTests
{
    private static readonly MemoryScope Scope = new("acme");
    private readonly TempFolder _folder = new();

    private string Path => _folder.File("memory.db");

    [Fact]
    public async Task File_IsItsOwnersAlone()
    {
        await using SqliteMemoryStore store = Open();
        await WriteAsync(store, "a", "x");
        foreach (string file in Directory.GetFiles(_folder.Path, "memory.db*"))
        {
            if (!OperatingSystem.IsWindows())
            {
                File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
            }
        }
    }

    [Fact]
    public async Task File_InUse_IsRefusedWithItsName()
    {
        await using SqliteMemoryStore store = Open();
        FluentActions.Invoking(Open).Should().Throw<InvalidOperationException>().WithMessage("*in use*");
        await WriteAsync(store, "a", "still works");
    }

    [Fact]
    public async Task Erasure_WhileAReaderHoldsTheLog_SaysSoAndCanBeRepeated()
    {
        await using SqliteMemoryStore store = Open();
        store.Database.Patience = TimeSpan.Zero;
        await WriteAsync(store, "a", "secret");
        await WriteAsync(store, "b", "secret too");
        await using (IAsyncEnumerator<MemoryRecord> export = store.ReadAllAsync(Scope).GetAsyncEnumerator())
        {
            (await export.MoveNextAsync()).Should().BeTrue();
            (await FluentActions.Awaiting(() => store.EraseAsync(Scope).AsTask()).Should().ThrowAsync<MemoryUnavailableException>())
                .WithInnerException<IOException>().WithMessage($"The log of '{Path}' cannot be emptied, since a reader holds on to it: end long exports and try again.");
            (await store.GetAsync(Scope, "a")).Should().BeNull("it is gone for everybody else");
            (await export.MoveNextAsync()).Should().BeTrue("the export has its snapshot");
        }

        await store.EraseAsync(Scope);
        foreach (string file in (string[])[Path, Path + "-wal"])
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes);
            Encoding.UTF8.GetString(bytes).Should().NotContain("secret", file);
        }
    }

    [Fact]
    public void File_InAMissingFolder_SaysSo() =>
        FluentActions.Invoking(() => new SqliteMemoryStore(new SqliteMemoryOptions { Path = _folder.File("none/memory.db") })).Should().Throw<DirectoryNotFoundException>().WithMessage("*does not exist*");

    [Fact]
    public void File_OfGarbage_IsRefusedAndLeftAsItIs()
    {
        byte[] garbage = Encoding.ASCII.GetBytes(new string('x', 5_000));
        File.WriteAllBytes(Path, garbage);
        FluentActions.Invoking(Open).Should().Throw<InvalidOperationException>().WithMessage("*no memory database*");
        File.ReadAllBytes(Path).Should().Equal(garbage);
    }

    [Fact]
    public async Task File_OfANewerVersion_IsRefusedAndLeftAsItIs()
    {
        await Open().DisposeAsync();
        using (SqliteConnection connection = new($"Data Source={Path};Pooling=False"))
        {
            connection.Open();
            connection.Run("PRAGMA user_version = 99");
        }

        FluentActions.Invoking(Open).Should().Throw<InvalidOperationException>().WithMessage("*schema 99*");
        using SqliteConnection after = new($"Data Source={Path};Pooling=False");
        after.Open();
        after.Scalar<long>("PRAGMA user_version").Should().Be(99);
    }

    [Theory]
    [InlineData("flip")]
    [InlineData("cut")]
    [InlineData("gone")]
    [InlineData("old")]
    public async Task Vectors_DamagedOrOld_AreMadeAgainFromTheDatabase(string damage)
    {
        string index;
        await using (SqliteMemoryStore store = Open())
        {
            await VectorAsync(store, "a", 1, 0);
            await VectorAsync(store, "b", 0, 1);
        }

        index = Directory.GetFiles(Path + ".vectors", "*.index").Should().ContainSingle().Subject;
        byte[] first = File.ReadAllBytes(index);
        await using (SqliteMemoryStore store = Open())
        {
            await VectorAsync(store, "c", 0.7f, 0.7f);
            await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryDelete("b")]));
        }

        byte[] bytes = File.ReadAllBytes(index);
        switch (damage)
        {
            case "flip":
                bytes[bytes.Length / 2] ^= 0x10;
                File.WriteAllBytes(index, bytes);
                break;
            case "cut":
                File.WriteAllBytes(index, bytes[..(bytes.Length / 2)]);
                break;
            case "gone":
                File.Delete(index);
                break;
            default:
                File.Delete(Path + "-wal");
                File.WriteAllBytes(index, first);
                break;
        }

        DateTime longAgo = DateTime.UnixEpoch;
        await using (SqliteMemoryStore reopened = Open())
        {
            IReadOnlyList<MemoryMatch> found = await reopened.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0.1f }, VectorSpace = "s" });
            found.Select(static m => m.Record.Id).Should().Equal("a", "c");
        }

        File.SetLastWriteTimeUtc(index, longAgo);
        await using (SqliteMemoryStore again = Open())
        {
            await again.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0.1f }, VectorSpace = "s" });
        }

        File.GetLastWriteTimeUtc(index).Should().Be(longAgo, "what was made again is kept, though nothing was written, and not made a second time");
    }

    [Fact]
    public async Task Vectors_OfADatabaseRestoredFromBefore_FollowTheDatabase()
    {
        string copy = _folder.File("copy.db");
        await using (SqliteMemoryStore store = Open())
        {
            await VectorAsync(store, "a", 1, 0);
            await store.BackupAsync(copy);
            await FluentActions.Awaiting(() => store.BackupAsync(copy)).Should().ThrowAsync<IOException>();
            await VectorAsync(store, "b", 1, 0.1f);
        }

        File.Copy(copy, Path, overwrite: true);
        await using SqliteMemoryStore restored = Open();
        (await restored.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s" })).Select(static m => m.Record.Id).Should().Equal("a");
    }

    [Fact]
    public async Task Erased_IsInNoFileAnyMore()
    {
        const string secret = "xylophonequarantine";
        await using SqliteMemoryStore store = Open();
        await WriteAsync(store, "keep", "ordinary words");
        await store.ExecuteAsync(new MemoryTransaction(Scope,
        [
            new MemoryUpsert(new MemoryRecord
            {
                Id = "x", Text = $"the {secret} of the house", Tags = [secret], Metadata = System.Text.Json.JsonDocument.Parse($"{{\"k\":\"{secret}\"}}").RootElement,
                Provenance = new MemoryProvenance { Source = "user", Actor = secret }, Vector = new float[] { 0.123456f, 0.654321f }, VectorSpace = "s",
            }),
            new MemoryLink("x", MemoryRelation.References, "keep"),
        ])
        { IdempotencyKey = secret });
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("x") { Text = $"another {secret}" }]) { KeepHistory = true });
        Holds(secret).Should().BeTrue("the test looks in the right place");
        await VectorAsync(store, "v", 0.25f, 0.75f);
        await store.EraseAsync(new MemoryScope("nobody"));
        (await store.EraseAsync(Scope, new MemoryFilter { Ids = ["v"] })).Should().Be(1);
        HoldsBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(new[] { 0.25f, 0.75f }).ToArray()).Should().BeFalse("a vector tells its text");
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryDelete("x")]));
        (await store.EraseAsync(Scope, new MemoryFilter { Ids = ["x"] })).Should().Be(0);
        Holds(secret).Should().BeFalse();
        (await store.SearchAsync(Scope, new MemoryQuery { Text = "ordinary" })).Should().ContainSingle();
    }

    [Fact]
    public async Task Writers_AtOnce_ShareCommitsAndFailAlone()
    {
        await using SqliteMemoryStore store = Open();
        await WriteAsync(store, "x", "a");
        Task<MemoryTransactionResult>[] writes = [.. Enumerable.Range(0, 200).Select(i => Task.Run(async () => i % 10 == 0
            ? await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = $"lost{i}", Text = "t" }), new MemoryPatch("x") { Text = "b", ExpectedVersion = 77 }]))
            : await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = $"n{i}", Text = "t" })]))))];
        for (int i = 0; i < writes.Length; i++)
        {
            if (i % 10 == 0)
            {
                await FluentActions.Awaiting(() => writes[i]).Should().ThrowAsync<MemoryConflictException>();
            }
            else
            {
                (await writes[i]).Outcomes.Should().ContainSingle();
            }
        }

        (await store.GetStatsAsync(Scope)).Count.Should().Be(181, "180 notes and x; nothing of those that failed");
        (await store.SearchAsync(Scope, new MemoryQuery { Text = "t", Top = 200 })).Should().HaveCount(180);
    }

    [Fact]
    public async Task Store_Disposed_RefusesWrites()
    {
        SqliteMemoryStore store = Open();
        await store.DisposeAsync();
        await store.DisposeAsync();
        await FluentActions.Awaiting(() => WriteAsync(store, "a", "b")).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Store_Disposed_RefusesReadsToo()
    {
        SqliteMemoryStore store = Open();
        await WriteAsync(store, "a", "b");
        await store.DisposeAsync();
        await FluentActions.Awaiting(() => store.GetAsync(Scope, "a").AsTask()).Should().ThrowAsync<ObjectDisposedException>();
        await FluentActions.Awaiting(() => store.SearchAsync(Scope, new MemoryQuery { Text = "b" }).AsTask()).Should().ThrowAsync<ObjectDisposedException>();
        await FluentActions.Awaiting(() => store.ReadAllAsync(Scope).GetAsyncEnumerator().MoveNextAsync().AsTask()).Should().ThrowAsync<ObjectDisposedException>();
        File.Exists(Path + "-wal").Should().BeFalse("nobody has opened the file again");
    }

    [Theory]
    [InlineData(0, 20_000, "MaxGroup")]
    [InlineData(10_001, 20_000, "MaxGroup")]
    [InlineData(256, 99, "CheckpointEvery")]
    [InlineData(256, 10_000_001, "CheckpointEvery")]
    public void Options_OutOfTheirRange_AreRefusedBeforeAFileIsMade(int group, int every, string named)
    {
        FluentActions.Invoking(() => new SqliteMemoryStore(new SqliteMemoryOptions { Path = Path, MaxGroup = group, CheckpointEvery = every })).Should().Throw<ArgumentOutOfRangeException>().WithMessage($"*{named}*");
        File.Exists(Path).Should().BeFalse();
        foreach ((int least, int fewest) in ((int, int)[])[(1, 100), (10_000, 10_000_000)])
        {
            new SqliteMemoryStore(new SqliteMemoryOptions { Path = Path, MaxGroup = least, CheckpointEvery = fewest }).Dispose();
        }
    }

    [Fact]
    public async Task Key_OlderThanADay_IsPurgedFromTheFile()
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = Path }, null, clock);
        await KeyedAsync("old");
        clock.Advance(TimeSpan.FromHours(1));
        await KeyedAsync("young");
        clock.Advance(TimeSpan.FromHours(23) - TimeSpan.FromTicks(1));
        await store.PurgeExpiredAsync();
        Keys().Should().Be(2, "neither is a day old");
        clock.Advance(TimeSpan.FromTicks(1));
        await store.PurgeExpiredAsync();
        Keys().Should().Be(1);
        (await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Text = "young" })]) { IdempotencyKey = "young" })).Replayed.Should().BeTrue();

        Task KeyedAsync(string key) => store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Text = key })]) { IdempotencyKey = key }).AsTask();
        long Keys()
        {
            using Reading reading = store.Database.Read();
            return reading.Sql.Scalar<long>("SELECT count(*) FROM replay");
        }
    }

    [Fact]
    public async Task Vector_OfAChangeThatLeavesIt_IsNotIndexedAgain_AndOneGivenAgainIs()
    {
        await using SqliteMemoryStore store = Open();
        await VectorAsync(store, "a", 1, 0);
        long logged = Logged();
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("a") { Importance = 0.9 }]));
        Logged().Should().Be(logged, "its vector is where it was");
        VectorShelf shelf = store.Shelves.Open.Should().ContainSingle().Subject;
        shelf.Remove(1); // an index that has lost a vector
        (await FindAsync()).Should().BeEmpty();
        await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryEmbed("a", new float[] { 1, 0 }, "s")]));
        (await FindAsync()).Should().ContainSingle("the same vector was given to be indexed again");

        long Logged()
        {
            using Reading reading = store.Database.Read();
            return reading.Sql.Scalar<long>("SELECT max(change) FROM vector_log");
        }

        async Task<IReadOnlyList<MemoryMatch>> FindAsync() =>
            await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s" });
    }

    [Fact]
    public async Task Scope_OfManyMemories_IsDeletedErasedAndPurgedWhole()
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = Path }, null, clock);
        foreach (string way in (string[])["delete", "erase", "purge"])
        {
            await store.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(0, 600).Select(i => new MemoryUpsert(new MemoryRecord { Id = $"n{i}", Text = "word", Tags = ["t"], Kind = "event", Expires = clock.GetUtcNow().AddHours(1) }))]));
            if (way is "purge")
            {
                clock.Advance(TimeSpan.FromHours(1));
            }

            (way switch
            {
                "delete" => await store.DeleteAsync(Scope, new MemoryFilter { Kinds = ["event"] }),
                "erase" => await store.EraseAsync(Scope),
                _ => await store.PurgeExpiredAsync(),
            }).Should().Be(600, way);
            (await store.VerifyAsync()).Should().BeEmpty(way);
            (await store.GetStatsAsync(Scope)).Should().BeEquivalentTo(new MemoryStats(0, 0), way);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(257)]
    public async Task Search_WhileManyHaveExpired_FindsTheNearestOfTheOthers(int expired)
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = Path }, null, clock);
        await store.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(0, expired).Select(i => Near($"over{i}", i / 10_000f, clock.GetUtcNow().AddHours(1))), .. Enumerable.Range(0, 5).Select(static i => Near($"n{i}", 0.5f + (i / 10f), null))]));
        clock.Advance(TimeSpan.FromHours(1));
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s", Top = 5 })).Select(static m => m.Record.Id).Should().Equal("n0", "n1", "n2", "n3", "n4");

        static MemoryUpsert Near(string id, float away, DateTimeOffset? expires) => new(new MemoryRecord { Id = id, Text = id, Vector = new[] { 1, away }, VectorSpace = "s", Expires = expires });
    }

    [Fact]
    public async Task Vectors_HaveAFileFromAFewHundredOn()
    {
        string[] Files() => Directory.Exists(Path + ".vectors") ? Directory.GetFiles(Path + ".vectors", "*.index") : [];
        foreach ((int from, int count) in ((int, int)[])[(0, 255), (255, 1)])
        {
            Files().Should().BeEmpty("with {0} vectors", from);
            await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = Path });
            await store.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(from, count).Select(static i => new MemoryUpsert(new MemoryRecord { Id = $"n{i}", Text = "t", Vector = new float[] { 1, i }, VectorSpace = "s" }))]));
        }

        Files().Should().ContainSingle();
    }

    [Fact]
    public async Task Vectors_AreWrittenAfterSoManyChanges_AndTheirLogBegunAnew()
    {
        await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = Path, CheckpointEvery = 100 });
        store.Shelves.SmallestFile = 0;
        await AddAsync(0, 99);
        (Directory.Exists(Path + ".vectors"), Logged()).Should().Be((false, 99L));
        await AddAsync(99, 1);
        Directory.GetFiles(Path + ".vectors", "*.index").Should().ContainSingle();
        Logged().Should().Be(1, "the last number stays, so that none is used again");
        await AddAsync(100, 99);
        Logged().Should().Be(100);
        await AddAsync(199, 1);
        Logged().Should().Be(1);

        Task AddAsync(int from, int count) =>
            store.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(from, count).Select(static i => new MemoryUpsert(new MemoryRecord { Id = $"n{i}", Text = "t", Vector = new float[] { 1, i }, VectorSpace = "s" }))])).AsTask();
        long Logged()
        {
            using Reading reading = store.Database.Read();
            return reading.Sql.Scalar<long>("SELECT count(*) FROM vector_log");
        }
    }

    private static Task WriteAsync(SqliteMemoryStore store, string id, string text) =>
        store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = id, Text = text })])).AsTask();

    private static Task VectorAsync(SqliteMemoryStore store, string id, params float[] vector) =>
        store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = id, Text = id, Vector = vector, VectorSpace = "s" })])).AsTask();

    private SqliteMemoryStore Open()
    {
        SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = Path });
        store.Shelves.SmallestFile = 0; // a file for every index, however few vectors it has
        return store;
    }

    private bool Holds(string text) => HoldsBytes(Encoding.UTF8.GetBytes(text));

    private bool HoldsBytes(byte[] wanted) => Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Any(file =>
    {
        if (file.EndsWith(".lock", StringComparison.Ordinal))
        {
            return false;
        }

        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(wanted) >= 0;
    });
}
