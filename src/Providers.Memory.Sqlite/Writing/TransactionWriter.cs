using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>Carries out transactions and deletions within the writer's open transaction.</summary>
internal sealed class TransactionWriter(TimeProvider clock)
{
    private static readonly TimeSpan s_keyLife = TimeSpan.FromHours(24);

    public MemoryTransactionResult Execute(RowWriter rows, MemoryTransaction transaction, string? hash)
    {
        DateTimeOffset now = clock.GetUtcNow();
        long scope = rows.ScopeOf(transaction.Scope);
        if (hash is not null && Replayed(rows, scope, transaction.IdempotencyKey!, hash, now) is { } replayed)
        {
            return replayed;
        }

        List<MemoryOutcome> outcomes = [];
        for (int i = 0; i < transaction.Operations.Count; i++)
        {
            outcomes.Add(transaction.Operations[i] switch
            {
                MemoryLink link => Link(rows, scope, i, link, now),
                MemoryUnlink unlink => Unlink(rows, scope, unlink, now),
                var operation => Change(rows, scope, i, operation, transaction.KeepHistory, now),
            });
        }

        if (hash is not null)
        {
            rows.Sql.Run(
                "INSERT INTO replay VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO UPDATE SET hash = $3, outcome = $4, kept = $5", scope, transaction.IdempotencyKey, hash, RecordRow.WriteOutcomes(outcomes), now.UtcTicks);
        }

        return new MemoryTransactionResult(outcomes);
    }

    /// <summary>Removes what passes a filter.</summary>
    /// <param name="rows">The writer.</param>
    /// <param name="to">The scope.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="erase">Whether expired memories are removed too, and the scope's keys forgotten.</param>
    public long Delete(RowWriter rows, MemoryScope to, MemoryFilter? filter, bool erase)
    {
        long scope = rows.ScopeOf(to);
        List<object?> values = [scope, erase ? long.MinValue : clock.GetUtcNow().UtcTicks];
        string conditions = FilterSql.Write(filter, values);
        if (erase)
        {
            rows.Sql.Run("DELETE FROM replay WHERE scope = $1", scope);
        }

        return Remove(rows, $"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE m.scope = $1 AND {MemoryReader.Alive}{conditions}", _ => scope, [.. values]);
    }

    public int Purge(RowWriter rows)
    {
        long now = clock.GetUtcNow().UtcTicks;
        int gone = 0;
        foreach (long scope in rows.Sql.Connection.Numbers("SELECT DISTINCT scope FROM memory WHERE expires <= $1", now))
        {
            gone += (int)Remove(rows, $"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE m.expires <= $1 AND m.scope = $2", _ => scope, now, scope);
        }

        rows.Sql.Run("DELETE FROM replay WHERE kept <= $1", now - s_keyLife.Ticks);
        return gone;
    }

    private static long Remove(RowWriter rows, string sql, Func<long, long> scopeOf, params ReadOnlySpan<object?> values)
    {
        List<(long Row, MemoryRecord Record)> gone = rows.Sql.Connection.Records(sql, values);
        foreach ((long row, MemoryRecord record) in gone)
        {
            rows.Remove(scopeOf(row), row, record);
        }

        return gone.Count;
    }

    private static MemoryOutcome Change(RowWriter rows, long scope, int index, MemoryOperation operation, bool keepHistory, DateTimeOffset now)
    {
        string id = Step.IdOf(operation, now);
        (long Row, MemoryRecord Record)? there = rows.Find(scope, id);
        bool current = there is { } found && !(found.Record.Expires <= now);
        Step step = Step.Decide(index, operation, current ? there!.Value.Record : null, now).WithId(id);
        if (step.After is not null)
        {
            rows.Put(scope, there, current, step.After, keepHistory);
        }
        else if (there is { } gone)
        {
            rows.Remove(scope, gone.Row, gone.Record);
        }

        return step.Outcome;
    }

    private static MemoryOutcome Link(RowWriter rows, long scope, int index, MemoryLink link, DateTimeOffset now)
    {
        (long row, long version) = rows.Locate(scope, link.From, now) ?? throw new MemoryConflictException(index, link.From, null, null);
        (long target, _) = rows.Locate(scope, link.To, now) ?? throw new MemoryConflictException(index, link.To, null, null);
        rows.Link(scope, row, link.Relation, target, there: true);
        return new MemoryOutcome(MemoryChange.Linked, link.From, version);
    }

    private static MemoryOutcome Unlink(RowWriter rows, long scope, MemoryUnlink link, DateTimeOffset now)
    {
        bool gone = rows.Locate(scope, link.From, now) is var (row, _) && rows.Locate(scope, link.To, now) is var (target, _) && rows.Link(scope, row, link.Relation, target, there: false);
        return new MemoryOutcome(gone ? MemoryChange.Unlinked : MemoryChange.NotFound, link.From, 0);
    }

    private static MemoryTransactionResult? Replayed(RowWriter rows, long scope, string key, string hash, DateTimeOffset now)
    {
        using SqliteDataReader reader = rows.Sql.Read("SELECT hash, outcome FROM replay WHERE scope = $1 AND key = $2 AND kept > $3", scope, key, (now - s_keyLife).UtcTicks);
        return !reader.Read() ? null
            : reader.GetString(0) == hash ? new MemoryTransactionResult(RecordRow.ReadOutcomes(reader.GetString(1)), Replayed: true)
            : throw new MemoryValidationException([$"idempotency_key: '{key}' was used for other changes; take a new key."]);
    }
}
