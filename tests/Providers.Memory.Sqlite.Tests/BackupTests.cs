using System.Text;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite.Tests;

/// <summary>Backup while writing, restore in one step, verification, and indexes made again.</summary>
public sealed class BackupTests
{
    private static readonly MemoryScope Scope = new("acme");
    private readonly TempFolder _folder = new();

    private string Path => _folder.File("memory.db");

    [Fact]
    public async Task Backup_WhileOthersWrite_IsWhole_AndRestoresInOneStep()
    {
        string copy = _folder.File("copy.db");
        await using (SqliteMemoryStore store = Open())
        {
            await WriteAsync(store, "before");
            using CancellationTokenSource stop = new();
            TaskCompletionSource first = new();
            Task writing = Task.Run(async () =>
            {
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    await store.ExecuteAsync(new MemoryTransaction(Scope, [Note($"a{i}"), Note($"b{i}")]));
                    first.TrySetResult();
                }
            });
            await first.Task;
            await store.BackupAsync(copy);
            await stop.CancelAsync();
            await writing;
            await WriteAsync(store, "after");
            FluentActions.Invoking(() => SqliteMemoryStore.Restore(copy, Path)).Should().Throw<InvalidOperationException>().WithMessage("*in use*");
        }

        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(copy).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        SqliteMemoryStore.Restore(copy, Path);
        await using SqliteMemoryStore restored = Open();
        (await restored.GetAsync(Scope, "before")).Should().NotBeNull();
        (await restored.GetAsync(Scope, "after")).Should().BeNull();
        MemoryStats stats = await restored.GetStatsAsync(Scope);
        (stats.Count % 2).Should().Be(1, "each transaction is whole");
        (await restored.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s", Top = 200 })).Count.Should().Be((int)Math.Min(200, stats.Count));
        (await restored.VerifyAsync()).Should().BeEmpty();
        File.Exists(Path + ".before-restore").Should().BeTrue();
    }

    [Fact]
    public async Task Backup_OfADamagedDatabase_SaysSoAndLeavesNoFile()
    {
        await DamagedAsync();
        await using SqliteMemoryStore store = Open();
        string copy = _folder.File("copy.db");
        (await FluentActions.Awaiting(() => store.BackupAsync(copy)).Should().ThrowAsync<MemoryUnavailableException>()).WithMessage("*is damaged. Restore a backup.");
        File.Exists(copy).Should().BeFalse("half a backup is none");
    }

    [Fact]
    public async Task Backup_ThatCannotBeWritten_SaysSoAndLeavesNoFile()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // SQLite takes longer names there
        }

        await using SqliteMemoryStore store = Open();
        await WriteAsync(store, "x");
        string deep = _folder.Path;
        while (deep.Length < 600)
        {
            deep = System.IO.Path.Join(deep, new string('d', 100)); // a name the system takes and SQLite does not
        }

        Directory.CreateDirectory(deep);
        string copy = System.IO.Path.Join(deep, "copy.db");
        (await FluentActions.Awaiting(() => store.BackupAsync(copy)).Should().ThrowAsync<IOException>()).WithMessage("*could not be written*");
        File.Exists(copy).Should().BeFalse();
    }

    [Fact]
    public async Task Verify_OfADamagedDatabase_SaysWhatIsWrong()
    {
        await DamagedAsync();
        await using SqliteMemoryStore store = Open();
        (await store.VerifyAsync()).Should().NotBeEmpty().And.OnlyContain(static w => w.Length > 0);
    }

    [Fact]
    public async Task Restore_ThatIsCutOff_LeavesADatabaseInItsPlace()
    {
        await using (SqliteMemoryStore store = Open())
        {
            await WriteAsync(store, "before");
            await store.BackupAsync(_folder.File("good.db"));
            await WriteAsync(store, "after");
        }

        Directory.CreateDirectory(Path + ".before-restore"); // what was there cannot be put aside
        FluentActions.Invoking(() => SqliteMemoryStore.Restore(_folder.File("good.db"), Path)).Should().Throw<Exception>().Which.Should().Match(static e => e is IOException || e is UnauthorizedAccessException);
        await using SqliteMemoryStore still = Open();
        (await still.GetAsync(Scope, "after")).Should().NotBeNull();
        (await still.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s" })).Should().HaveCount(2, "the vectors are made again from it");
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("garbage")]
    [InlineData("empty")]
    [InlineData("newer")]
    [InlineData("damaged")]
    public async Task Restore_OfWhatIsNoBackup_ChangesNothing(string what)
    {
        await using (SqliteMemoryStore store = Open())
        {
            for (int i = 0; i < 300; i++)
            {
                await WriteAsync(store, $"x{i}");
            }

            await store.BackupAsync(_folder.File("good.db"));
        }

        string bad = _folder.File("bad.db");
        switch (what)
        {
            case "garbage":
                File.WriteAllText(bad, new string('x', 9_000));
                break;
            case "empty":
                File.WriteAllText(bad, "");
                break;
            case "newer":
                File.Copy(_folder.File("good.db"), bad);
                using (SqliteConnection connection = new($"Data Source={bad};Pooling=False"))
                {
                    connection.Open();
                    connection.Run("PRAGMA user_version = 99");
                }

                break;
            case "damaged":
                byte[] bytes = File.ReadAllBytes(_folder.File("good.db"));
                bytes.AsSpan(bytes.Length / 3, 5_000).Fill(0x5A);
                File.WriteAllBytes(bad, bytes);
                break;
        }

        FluentActions.Invoking(() => SqliteMemoryStore.Restore(bad, Path)).Should().Throw<Exception>().Which.Should().Match(static e => e is InvalidOperationException || e is FileNotFoundException);
        await using SqliteMemoryStore after = Open();
        (await after.GetStatsAsync(Scope)).Count.Should().Be(300);
    }

    [Fact]
    public async Task Restore_WhereNothingIs_MakesTheDatabase()
    {
        await using (SqliteMemoryStore store = Open())
        {
            await WriteAsync(store, "x");
            await store.BackupAsync(_folder.File("good.db"));
        }

        string fresh = _folder.File("fresh.db");
        SqliteMemoryStore.Restore(_folder.File("good.db"), fresh);
        await using SqliteMemoryStore restored = new(new SqliteMemoryOptions { Path = fresh });
        (await restored.GetAsync(Scope, "x")).Should().NotBeNull();
    }

    [Fact]
    public async Task Verify_OfADatabaseSomebodyAltered_NamesWhatDoesNotAgree_AndReindexMendsIt()
    {
        await using SqliteMemoryStore store = Open();
        await store.ExecuteAsync(new MemoryTransaction(Scope, [Note("x"), Note("y"), new MemoryLink("x", MemoryRelation.Extends, "y")]));
        (await store.VerifyAsync()).Should().BeEmpty();
        using (SqliteConnection connection = store.Database.Open())
        {
            connection.Run("INSERT INTO words (words) VALUES ('delete-all')");
            connection.Run("INSERT INTO history (row, version, id, kind, text, tags, importance, created, updated) VALUES (77, 1, 'q', 'note', 't', '[]', 0.5, 1, 1)");
        }

        (await store.VerifyAsync()).Should().HaveCount(2).And.Contain(static w => w.Contains("reindex")).And.Contain(static w => w.Contains("earlier versions"));
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "text" })).Should().BeEmpty();
        await store.ReindexAsync();
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "text" })).Should().HaveCount(2);
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s" })).Should().HaveCount(2);
        (await store.VerifyAsync()).Should().ContainSingle();
    }

    [Fact]
    public async Task Verify_OfAFileWhoseFreePagesAreMiscounted_SaysWhatSqliteFinds()
    {
        await using (SqliteMemoryStore store = Open())
        {
            await WriteAsync(store, "x");
        }

        using (FileStream file = new(Path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = 39; // the last byte of the number of free pages; nothing that is kept tells
            int count = file.ReadByte();
            file.Position = 39;
            file.WriteByte((byte)(count + 1));
        }

        await using SqliteMemoryStore again = Open();
        (await again.VerifyAsync()).Should().NotBeEmpty().And.Contain(static w => w.Contains("freelist", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Database_OfTheFirstSchema_IsBroughtForwardWithAllItHolds()
    {
        using (SqliteConnection connection = new($"Data Source={Path};Pooling=False"))
        {
            connection.Open();
            using SqliteTransaction transaction = connection.BeginTransaction();
            connection.Run(Migrations.Step(0));
            connection.Run("PRAGMA user_version = 1");
            connection.Run("INSERT INTO scope VALUES (1, 'acme', 'default')");
            connection.Run("INSERT INTO space (number, scope, name, dimensions) VALUES (1, 1, 's', 2)");
            connection.Scalar<object>(
                "INSERT INTO memory (row, scope, id, kind, text, tags, importance, created, updated, version, space, vector, bytes) VALUES (1, 1, 'old', 'note', 'from before', '[\"t\"]', 0.5, 1000, 1000, 3, 1, ?1, 11)",
                System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(new float[] { 0.6f, 0.8f }).ToArray());
            connection.Run("INSERT INTO words (rowid, scope, text) VALUES (1, 's1', 'from before')");
            connection.Run("INSERT INTO tag VALUES (1, 't', 1)");
            connection.Run("INSERT INTO vector_log (space, row) VALUES (1, 1)");
            transaction.Commit();
        }

        await using SqliteMemoryStore store = Open();
        MemoryRecord old = (await store.GetAsync(Scope, "old"))!;
        (old.Text, old.Version, old.Tags[0], old.VectorSpace, old.Vector!.Value.Span[1]).Should().Be(("from before", 3L, "t", "s", 0.8f));
        (await store.SearchAsync(Scope, new MemoryQuery { Text = "before", Vector = new float[] { 0.6f, 0.8f }, VectorSpace = "s" })).Should().ContainSingle();
        (await store.VerifyAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Words_ThatAreInNearlyEverything_DoNotDecideASearch()
    {
        await using SqliteMemoryStore store = Open();
        for (int i = 0; i < 6; i++)
        {
            await store.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(0, 1_000).Select(n => new MemoryUpsert(new MemoryRecord { Text = n == 7 && i == 3 ? "the unicorn" : "the common report" }))]));
        }

        IReadOnlyList<MemoryMatch> found = await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "the unicorn report" });
        found.Should().ContainSingle().Which.Record.Text.Should().Be("the unicorn");
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "the report" })).Should().HaveCount(10, "of words that are all common, the rarest is looked for");
        (await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "unknownword the" })).Should().NotBeEmpty();
    }

    /// <summary>A database with a few pages of its middle written over.</summary>
    private async Task DamagedAsync()
    {
        await using (SqliteMemoryStore store = Open())
        {
            for (int i = 0; i < 300; i++)
            {
                await WriteAsync(store, $"x{i}");
            }
        }

        byte[] bytes = File.ReadAllBytes(Path);
        bytes.AsSpan(bytes.Length / 3, 20_000).Fill(0x5A);
        File.WriteAllBytes(Path, bytes);
    }

    private SqliteMemoryStore Open() => new(new SqliteMemoryOptions { Path = Path });

    private static MemoryUpsert Note(string id) => new(new MemoryRecord { Id = id, Text = "text of " + id, Vector = new float[] { 1, id[0] }, VectorSpace = "s" });

    private static Task WriteAsync(SqliteMemoryStore store, string id) => store.ExecuteAsync(new MemoryTransaction(Scope, [Note(id)])).AsTask();
}
