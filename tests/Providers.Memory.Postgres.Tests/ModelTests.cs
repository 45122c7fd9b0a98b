using CsCheck;

namespace Providers.Memory.Postgres.Tests;

/// <summary>Random sequences of operations do the same as in the store in memory, with new hosts in between.</summary>
public sealed class ModelTests(PostgresServer server)
{
    private static readonly MemoryScope Scope = new("acme");

    [Fact]
    public async Task Operations_InRandomOrder_DoAsTheStoreInMemory()
    {
        Gen<MemoryOperation> change = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 5], Gen.Int[-1, 3], Gen.Int[0, 3], static (sort, id, expected, value) =>
        {
            long? version = expected < 0 ? null : expected;
            return sort switch
            {
                0 => new MemoryDelete($"m{id}") { ExpectedVersion = version is 0 ? 1 : version },
                1 => new MemoryPatch($"m{id}") { Tags = [$"t{value}"], ExpectedVersion = version is 0 ? null : version },
                2 => new MemoryPatch($"m{id}") { Text = $"word{value}", ExpectedVersion = version is 0 ? null : version },
                3 => new MemoryPatch($"m{id}") { Vector = new float[] { 1, value }, VectorSpace = value == 3 ? "t" : "s" },
                6 => new MemoryLink($"m{id}", (MemoryRelation)value, $"m{(id + 1 + value) % 6}"),
                7 => new MemoryUnlink($"m{id}", (MemoryRelation)value, $"m{(id + 1 + value) % 6}"),
                8 => value == 0 ? new MemoryPatch($"m{id}") { Archived = expected > 0 } : new MemoryEmbed($"m{id}", new float[] { value, 2 }, "s"),
                9 => new MemoryUpsert(new MemoryRecord { Id = $"m{id}", Text = "soon over", Expires = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero).AddMinutes(500 + value) }),
                _ => (MemoryOperation)new MemoryUpsert(new MemoryRecord { Id = $"m{id}", Text = $"word{value} common", Tags = value == 0 ? [] : [$"t{value}"], Importance = value / 4.0, Vector = value == 2 ? null : new float[] { value, 1 }, VectorSpace = value == 2 ? null : "s" }) { ExpectedVersion = version },
            };
        });
        Gen<(MemoryOperation[] Changes, int Key, int Minutes, bool Reopen)[]> runs = Gen.Select(change.Array[1, 4], Gen.Int[0, 12], Gen.Int[0, 60], Gen.Int[0, 9], static (changes, key, minutes, reopen) => (changes, key, minutes, reopen == 0)).Array[5, 25];
        await runs.SampleAsync(
            async steps =>
            {
                FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
                string schema = PostgresServer.NewSchema();
                PostgresMemoryStore store = server.Store(schema, clock);
                using InMemoryStore model = new(null, clock);
                try
                {
                    foreach ((MemoryOperation[] changes, int key, int minutes, bool reopen) in steps)
                    {
                        MemoryTransaction transaction = new(Scope, [.. changes.Where(static c => c is MemoryLink or MemoryUnlink).Take(1), .. changes.Where(static c => c is not (MemoryLink or MemoryUnlink)).DistinctBy(IdOf), .. changes.Where(static c => c is MemoryLink or MemoryUnlink).Skip(1)])
                        {
                            IdempotencyKey = key < 4 ? $"k{key}" : null,
                            KeepHistory = key % 2 == 0,
                        };
                        (await OutcomeAsync(store, transaction)).Should().Be(await OutcomeAsync(model, transaction));
                        clock.Advance(TimeSpan.FromMinutes(minutes));
                        if (reopen)
                        {
                            await store.DisposeAsync();
                            store = server.Store(schema, clock);
                        }
                    }

                    for (int i = 0; i < 6; i++)
                    {
                        (await store.GetHistoryAsync(Scope, $"m{i}")).Select(Show).Should().Equal((await model.GetHistoryAsync(Scope, $"m{i}")).Select(Show));
                        MemoryRelatedOptions far = new() { Depth = 3 };
                        (await store.GetRelatedAsync(Scope, $"m{i}", far)).Should().Equal(await model.GetRelatedAsync(Scope, $"m{i}", far));
                    }

                    (await store.ListAsync(Scope)).Records.Select(Show).Should().Equal((await model.ListAsync(Scope)).Records.Select(Show));
                    (await store.GetStatsAsync(Scope)).Should().BeEquivalentTo(await model.GetStatsAsync(Scope));
                    MemoryQuery query = new() { Text = "word1 word2", Vector = new float[] { 1, 1 }, VectorSpace = "s" };
                    (await store.SearchAsync(Scope, query)).Select(static m => (m.Record.Id, Math.Round(m.VectorScore ?? -9, 3))).Order().Should().Equal((await model.SearchAsync(Scope, query)).Select(static m => (m.Record.Id, Math.Round(m.VectorScore ?? -9, 3))).Order());
                }
                finally
                {
                    await store.DisposeAsync();
                }
            },
            iter: 25, threads: 2);
    }

    private static string IdOf(MemoryOperation operation) => operation switch { MemoryUpsert u => u.Record.Id, MemoryPatch p => p.Id, MemoryDelete d => d.Id, MemoryEmbed e => e.Id, _ => "" };

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

    private static string Show(MemoryRecord r) => $"{r.Id} {r.Text} {string.Join(',', r.Tags)} {r.Importance} {r.Version} {r.Created:O} {r.Updated:O} {r.Archived:O} {r.Expires:O} {r.VectorSpace} {(r.Vector is { } v ? string.Join(',', v.ToArray()) : "")}";
}
