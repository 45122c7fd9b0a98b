using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Providers.Memory.Sqlite.Tests;

/// <summary>Gate G8: the write-ahead log cut at every byte of its last 4 KiB opens, and holds the transactions up to some point, each whole.</summary>
public sealed class TornLogTests(ITestOutputHelper output)
{
    private static readonly MemoryScope Scope = new("acme");

    [Fact]
    public async Task Log_CutAnywhere_IsAPrefixOfWhatWasWritten()
    {
        const int transactions = 30;
        TempFolder folder = new();
        string path = folder.File("memory.db");
        byte[] database, log;
        await using (SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path }))
        {
            for (int i = 0; i < transactions; i++)
            {
                await store.ExecuteAsync(new MemoryTransaction(Scope, [Note($"a{i:00}"), Note($"b{i:00}"), new MemoryLink($"a{i:00}", MemoryRelation.Precedes, $"b{i:00}")]));
                if (i == transactions - 8)
                {
                    await store.EraseAsync(new MemoryScope("nobody")); // empties the log, so that it is short
                }
            }

            (database, log) = (Read(path), Read(path + "-wal")); // nothing is written meanwhile: what a crash would leave
        }

        log.Length.Should().BeGreaterThan(4_096);
        int before = int.MaxValue, opened = 0;
        string copy = folder.File("copy.db");
        File.WriteAllBytes(copy, database);
        File.WriteAllBytes(copy + "-wal", log);
        for (int cut = 0; cut <= 4_096; cut++)
        {
            using (FileStream end = new(copy + "-wal", FileMode.Open, FileAccess.Write))
            {
                end.SetLength(log.Length - cut);
            }

            File.Delete(copy + "-shm");
            int there;
            using (SqliteConnection connection = new($"Data Source={copy};Pooling=False"))
            {
                connection.Open();
                raw.sqlite3_db_config(connection.Handle!, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _).Should().Be(raw.SQLITE_OK); // the log stays for the next cut
                connection.Scalar<string>("PRAGMA quick_check").Should().Be("ok", "cut by {0}", cut);
                there = (int)connection.Scalar<long>("SELECT count(*) FROM memory");
                connection.Scalar<long>("SELECT count(*) FROM memory WHERE id < $1", $"a{there / 2:00}").Should().Be(there / 2, "the first ones are there, cut by {0}", cut);
                connection.Scalar<long>("SELECT count(*) FROM link").Should().Be(there / 2, "cut by {0}", cut);
            }

            (there % 2).Should().Be(0, "a transaction is whole, cut by {0}", cut);
            there.Should().BeLessThanOrEqualTo(before, "cut by {0}", cut);
            before = there;
            if (cut % 256 == 0)
            {
                string one = folder.File($"cut{cut}.db");
                File.WriteAllBytes(one, database);
                File.WriteAllBytes(one + "-wal", log[..^cut]);
                await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = one });
                IReadOnlyList<MemoryMatch> found = await store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s", Top = 200 });
                found.Count.Should().Be(there, "the vectors follow the database, cut by {0}", cut);
                (await store.VerifyAsync()).Should().BeEmpty("cut by {0}", cut);
                opened++;
            }
        }

        before.Should().BeLessThan(2 * transactions);
        output.WriteLine($"4,097 cuts, {opened} of them opened as a store, down to {before / 2} of {transactions} transactions");
    }

    private static MemoryUpsert Note(string id) => new(new MemoryRecord { Id = id, Text = "text " + id, Vector = new float[] { 1, id[0] }, VectorSpace = "s" });

    private static byte[] Read(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
