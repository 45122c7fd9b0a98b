using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite.Tests;

/// <summary>The process whose files may not grow, for DiskTests.</summary>
internal static class LimitChild
{
    private static readonly MemoryScope Scope = new("acme");

    /// <summary>Writes until three writes have failed, and reads on.</summary>
    public static async Task<int> RunAsync(string path)
    {
        SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path });
        for (int i = 0, failures = 0; failures < 3; i++)
        {
            try
            {
                await store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = $"n{i - failures}", Text = new string('x', 3_000) })]));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"n{i - failures}."));
            }
            catch (MemoryUnavailableException e) when (e.InnerException is SqliteException or IOException)
            {
                failures++;
                Console.WriteLine("failed: " + e.Message);
            }
        }

        Console.WriteLine(await store.GetAsync(Scope, "n0") is not null && (await store.ListAsync(Scope)).Records.Count > 0 ? "read on" : "blind");
        await store.DisposeAsync();
        return 0;
    }
}
