namespace Providers.Memory.Sqlite.Tests;

/// <summary>The process KillTests kills.</summary>
internal static class KillChild
{
    public const int Databases = 4;
    private static readonly MemoryScope Scope = new("acme");

    /// <summary>What the child does: four writes at a time to each database, each of two memories, each acknowledged.</summary>
    public static void Run(string folder, int from)
    {
        using Stream output = Console.OpenStandardOutput();
        Task[] all = [.. Enumerable.Range(0, Databases).Select(database => Task.Run(async () =>
        {
            await using SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = System.IO.Path.Join(folder, $"{database}.db"), CheckpointEvery = 100 });
            store.Shelves.SmallestFile = 0;
            Task<MemoryTransactionResult>[] writes = new Task<MemoryTransactionResult>[4];
            for (int number = from; ; number += writes.Length)
            {
                for (int i = 0; i < writes.Length; i++)
                {
                    writes[i] = store.ExecuteAsync(new MemoryTransaction(Scope, [Note('a', number + i), Note('b', number + i)])).AsTask();
                }

                for (int i = 0; i < writes.Length; i++)
                {
                    await writes[i];
                    lock (output)
                    {
                        output.Write(System.Text.Encoding.ASCII.GetBytes($"{(char)('A' + database)}{number + i}.\n"));
                    }
                }
            }
        }))];
        Task.WaitAny(all);
    }

    private static MemoryUpsert Note(char letter, int number)
    {
        Random random = new(number);
        float[] vector = [random.NextSingle() + 0.01f, random.NextSingle(), random.NextSingle(), random.NextSingle()];
        return new MemoryUpsert(new MemoryRecord { Id = $"{letter}{number}", Text = $"text {number}", Tags = ["t"], Vector = vector, VectorSpace = "s" });
    }
}
