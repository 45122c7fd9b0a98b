using CsCheck;

namespace Providers.Memory.Sqlite.Tests;

/// <summary>Random sequences of operations, with the store closed and crashed between them, against the store in memory as the model.</summary>
public sealed class ModelTests
{
    private static readonly MemoryScope[] Scopes = [new("acme"), new("acme", "other"), new("rival")];
    private static readonly string[] Ids = ["a", "b", "c", "d", "e"];

    [Fact]
    public void Store_AfterAnySequence_HoldsWhatTheModelHolds() =>
        Gen.Int[0, int.MaxValue].Array[10, 60].Sample(codes => Run(codes).GetAwaiter().GetResult(), iter: 60, threads: 1, print: static c => string.Join(", ", c));

    private static async Task Run(int[] codes)
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        using InMemoryStore model = new(null, clock);
        TempFolder folder = new();
        int file = 0;
        SqliteMemoryStore store = Open(folder.File("0.db"), clock);
        foreach (int code in codes)
        {
            Random random = new(code);
            switch (random.Next(12))
            {
                case 0:
                    await store.DisposeAsync();
                    store = Open(folder.File($"{file}.db"), clock);
                    break;
                case 1:
                    store = await CrashAsync(store, folder, file++, clock);
                    break;
                case 2:
                    clock.Advance(TimeSpan.FromMinutes(random.Next(1, 40)));
                    break;
                case 3:
                    (await store.PurgeExpiredAsync()).Should().Be(await model.PurgeExpiredAsync());
                    break;
                case 4:
                    MemoryFilter filter = random.Next(2) == 0 ? new() { Ids = [Ids[random.Next(5)], Ids[random.Next(5)]] } : new() { TagsAny = ["t1"], State = (MemoryState)random.Next(3) };
                    MemoryScope some = Scopes[random.Next(3)];
                    (await store.DeleteAsync(some, filter)).Should().Be(await model.DeleteAsync(some, filter));
                    break;
                case 5 when random.Next(3) == 0:
                    MemoryScope erased = Scopes[random.Next(3)];
                    MemoryFilter which = new() { Ids = [Ids[random.Next(5)]] };
                    (await store.EraseAsync(erased, which)).Should().Be(await model.EraseAsync(erased, which));
                    break;
                default:
                    MemoryTransaction transaction = Transaction(random, clock);
                    string expected = await OutcomeAsync(model, transaction), actual = await OutcomeAsync(store, transaction);
                    actual.Should().Be(expected);
                    break;
            }
        }

        foreach (MemoryScope scope in Scopes)
        {
            (await ShowAsync(store, scope)).Should().Be(await ShowAsync(model, scope));
        }

        (await store.VerifyAsync()).Should().BeEmpty();
        await store.DisposeAsync();
        Directory.Delete(folder.Path, recursive: true);
    }

    /// <summary>What a crash between two operations leaves: the files as they are, without the store's farewell.</summary>
    private static async Task<SqliteMemoryStore> CrashAsync(SqliteMemoryStore store, TempFolder folder, int file, TimeProvider clock)
    {
        string from = folder.File($"{file}.db"), to = folder.File($"{file + 1}.db");
        foreach (string part in (string[])["", "-wal"])
        {
            using FileStream source = new(from + part, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using FileStream target = new(to + part, FileMode.Create);
            source.CopyTo(target);
        }

        if (Directory.Exists(from + ".vectors"))
        {
            Directory.CreateDirectory(to + ".vectors");
            foreach (string index in Directory.GetFiles(from + ".vectors"))
            {
                File.Copy(index, Path.Join(to + ".vectors", Path.GetFileName(index)));
            }
        }

        await store.DisposeAsync();
        return Open(to, clock);
    }

    private static MemoryTransaction Transaction(Random random, FakeTimeProvider clock)
    {
        MemoryOperation[] operations = [.. Ids.OrderBy(_ => random.Next()).Take(random.Next(1, 4)).Select(id => Operation(random, id, clock))];
        return new MemoryTransaction(Scopes[random.Next(3)], operations) { KeepHistory = random.Next(2) == 0, IdempotencyKey = random.Next(4) == 0 ? $"k{random.Next(3)}" : null };
    }

    private static MemoryOperation Operation(Random random, string id, FakeTimeProvider clock)
    {
        long? expected = random.Next(4) == 0 ? random.Next(0, 4) : null;
        float[] vector = [random.NextSingle() + 0.1f, random.NextSingle()];
        string other = Ids.First(i => i != id);
        return random.Next(8) switch
        {
            0 or 1 or 2 => new MemoryUpsert(new MemoryRecord
            {
                Id = id,
                Text = $"text {random.Next(100)}",
                Tags = [$"t{random.Next(3)}"],
                Expires = random.Next(3) == 0 ? clock.GetUtcNow().AddMinutes(random.Next(1, 60)) : null,
                Vector = random.Next(2) == 0 ? vector : null,
                VectorSpace = null,
            }) is var upsert && upsert.Record.Vector is not null ? upsert with { Record = upsert.Record with { VectorSpace = "s" }, ExpectedVersion = expected } : upsert with { ExpectedVersion = expected },
            3 => new MemoryPatch(id) { Text = $"patched {random.Next(100)}", ExpectedVersion = expected is 0 ? null : expected },
            4 => new MemoryPatch(id) { Archived = random.Next(2) == 0, Importance = random.NextDouble() },
            5 => new MemoryEmbed(id, vector, random.Next(2) == 0 ? "s" : "u"),
            6 => random.Next(3) == 0 ? new MemoryUnlink(id, MemoryRelation.Supports, other) : new MemoryLink(id, MemoryRelation.Supports, other),
            _ => new MemoryDelete(id) { ExpectedVersion = expected is 0 ? null : expected },
        };
    }

    private static async Task<string> OutcomeAsync(IMemoryStore store, MemoryTransaction transaction)
    {
        try
        {
            MemoryTransactionResult result = await store.ExecuteAsync(transaction);
            return $"{result.Replayed} {string.Join(' ', result.Outcomes)}";
        }
        catch (Exception e) when (e is MemoryConflictException or MemoryValidationException)
        {
            return e.Message;
        }
    }

    private static async Task<string> ShowAsync(IMemoryStore store, MemoryScope scope)
    {
        List<string> lines = [];
        await foreach (MemoryRecord r in store.ReadAllAsync(scope, new MemoryFilter { State = MemoryState.Any }))
        {
            IReadOnlyList<MemoryRecord> history = await store.GetHistoryAsync(scope, r.Id);
            lines.Add($"{r.Id} {r.Text} {r.Version} {string.Join(',', r.Tags)} {r.Created:O} {r.Updated:O} {r.Expires:O} {r.Archived:O} {r.VectorSpace} {r.Importance:R} | {string.Join(' ', history.Select(static h => $"{h.Version}:{h.Text}"))} | {string.Join(' ', await store.GetRelatedAsync(scope, r.Id, new MemoryRelatedOptions { Depth = 3 }))}");
        }

        MemoryStats stats = await store.GetStatsAsync(scope);
        lines.Add($"{stats.Count} {stats.TextBytes} {stats.Archived} {stats.Links} {string.Join(' ', stats.BySpace.OrderBy(static s => s.Key))} {string.Join(' ', stats.ByTag.OrderBy(static s => s.Key))}");
        foreach (string space in (string[])["s", "u"])
        {
            foreach (MemoryState state in Enum.GetValues<MemoryState>())
            {
                IReadOnlyList<MemoryMatch> found = await store.SearchAsync(scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = space, Filter = new MemoryFilter { State = state } });
                lines.Add($"{space} {state}: {string.Join(' ', found.Select(static m => m.Record.Id).Order())}");
            }
        }

        lines.Add(string.Join(' ', (await store.SearchAsync(scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = "text patched 1 2 3" })).Select(static m => m.Record.Id).Order()));
        return string.Join('\n', lines);
    }

    private static SqliteMemoryStore Open(string path, TimeProvider clock)
    {
        SqliteMemoryStore store = new(new SqliteMemoryOptions { Path = path, CheckpointEvery = 100 }, null, clock);
        store.Shelves.SmallestFile = 1;
        return store;
    }
}
