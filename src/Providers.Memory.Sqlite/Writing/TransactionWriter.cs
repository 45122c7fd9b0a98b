namespace Providers.Memory.Sqlite;

/// <summary>Carries out transactions and deletions within the writer's open transaction. What is refused is refused before the first row is written.</summary>
internal sealed class TransactionWriter(TimeProvider clock)
{
    private const long Nowhere = -1;
    private const int RowsAtOnce = 256;
    private static readonly TimeSpan s_keyLife = TimeSpan.FromHours(24);

    public MemoryTransactionResult Execute(RowWriter rows, MemoryTransaction transaction, string? hash)
    {
        DateTimeOffset now = clock.GetUtcNow();
        long known = rows.Number(transaction.Scope) ?? Nowhere;
        if (hash is not null && Replayed(rows, known, transaction.IdempotencyKey!, hash, now) is { } replayed)
        {
            return replayed;
        }

        Dictionary<string, (long Row, MemoryRecord Record)?> there = new(StringComparer.Ordinal);
        (long Row, MemoryRecord Record)? Find(string id)
        {
            if (!there.TryGetValue(id, out (long, MemoryRecord)? found))
            {
                there[id] = found = rows.Find(known, id);
            }

            return found;
        }

        MemoryRecord? Alive(string id) => Find(id) is { } found && !(found.Record.Expires <= now) ? found.Record : null;
        TransactionPlan plan = new(Alive, link => rows.IsLinked(known, link), transaction, now);
        plan.Decide(TransactionPlan.IdsOf(transaction, now));
        SpaceCheck.Throw(rows, known, plan.Memories);

        // From here on nothing is refused: what fails now is the disk, and takes the whole group with it.
        long scope = rows.ScopeOf(transaction.Scope);
        foreach ((string id, MemoryRecord? after) in plan.Memories)
        {
            if (after is not null)
            {
                rows.Put(scope, Find(id), Alive(id) is not null, after, transaction.KeepHistory);
            }
            else if (Find(id) is { } gone)
            {
                rows.Remove(scope, gone.Row, gone.Record);
            }
        }

        foreach ((MemoryLink link, bool wanted) in plan.Links)
        {
            rows.Link(scope, link, wanted);
        }

        if (hash is not null)
        {
            rows.Sql.Run(
                "INSERT INTO replay VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET hash = ?3, outcome = ?4, kept = ?5", scope, transaction.IdempotencyKey, hash, RecordText.WriteOutcomes(plan.Outcomes), now.UtcTicks);
        }

        return new MemoryTransactionResult(plan.Outcomes);
    }

    /// <summary>Removes what passes a filter.</summary>
    /// <param name="rows">The writer.</param>
    /// <param name="to">The scope.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="erase">Whether expired memories are removed too, and the scope's keys forgotten.</param>
    public long Delete(RowWriter rows, MemoryScope to, MemoryFilter? filter, bool erase)
    {
        if (rows.Number(to) is not { } scope)
        {
            return 0;
        }

        List<object?> values = [scope, erase ? long.MinValue : clock.GetUtcNow().UtcTicks];
        string conditions = FilterSql.Write(filter, values);
        if (erase)
        {
            rows.Sql.Run("DELETE FROM replay WHERE scope = ?1", scope);
        }

        return Remove(rows, scope, $"SELECT m.row FROM memory m WHERE m.scope = ?1 AND {MemoryReader.Alive}{conditions}", [.. values]);
    }

    public int Purge(RowWriter rows)
    {
        long now = clock.GetUtcNow().UtcTicks;
        int gone = 0;
        foreach (long scope in rows.Sql.Numbers("SELECT DISTINCT scope FROM memory WHERE expires <= ?1", now))
        {
            gone += (int)Remove(rows, scope, "SELECT m.row FROM memory m WHERE m.expires <= ?1 AND m.scope = ?2", now, scope);
        }

        rows.Sql.Run("DELETE FROM replay WHERE kept <= ?1", now - s_keyLife.Ticks);
        return gone;
    }

    /// <summary>Removes the memories whose rows a statement gives, some at a time: a whole scope need not fit into the process.</summary>
    private static long Remove(RowWriter rows, long scope, string sql, params ReadOnlySpan<object?> values)
    {
        List<long> gone = rows.Sql.Numbers(sql, values);
        foreach (long[] some in gone.Chunk(RowsAtOnce))
        {
            foreach ((long row, MemoryRecord record) in rows.Sql.Records($"SELECT {RecordRow.Columns} FROM {RecordRow.From} WHERE m.row IN (SELECT value FROM json_each(?1))", RecordRow.List(some)))
            {
                rows.Remove(scope, row, record);
            }
        }

        return gone.Count;
    }

    private static MemoryTransactionResult? Replayed(RowWriter rows, long scope, string key, string hash, DateTimeOffset now)
    {
        using Rows found = rows.Sql.Read("SELECT hash, outcome FROM replay WHERE scope = ?1 AND key = ?2 AND kept > ?3", scope, key, (now - s_keyLife).UtcTicks);
        return !found.Read() ? null
            : found.String(0) == hash ? new MemoryTransactionResult(RecordText.ReadOutcomes(found.String(1)), Replayed: true)
            : throw new MemoryValidationException([$"idempotency_key: '{key}' was used for other changes; take a new key."]);
    }
}
