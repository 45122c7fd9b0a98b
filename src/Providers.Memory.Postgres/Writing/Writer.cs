namespace Providers.Memory.Postgres;

/// <summary>Carries out transactions: looks and locks in one round trip, decides here, writes and commits in a second one.</summary>
internal sealed class Writer(Database database, TimeProvider clock)
{
    private const int Many = 100; // changes: their words are worked out while the server looks
    private static readonly TimeSpan s_keyLife = TimeSpan.FromHours(24);

    /// <summary>How many vectors a committed transaction added, by space.</summary>
    public delegate void VectorsAdded(MemoryScope scope, long space, int dimensions, int count);

    public async Task<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, VectorsAdded added, CancellationToken cancellationToken)
    {
        string? hash = transaction.IdempotencyKey is null ? null : TransactionHash.Of(transaction);
        return await database.RunAsync(attempt => ExecuteAsync(attempt, transaction, hash, added), transaction.IdempotencyKey is not null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<MemoryTransactionResult> ExecuteAsync(Attempt attempt, MemoryTransaction transaction, string? hash, VectorsAdded added)
    {
        DateTimeOffset now = clock.GetUtcNow();
        long scope = await ScopeNumbers.EnsureAsync(attempt, transaction.Scope).ConfigureAwait(false);
        string[] ids = TransactionPlan.IdsOf(transaction, now);
        Terms terms = new(attempt.Layout, transaction.Scope);
        Task ahead = ids.Length < Many ? Task.CompletedTask : Task.Run(() => terms.WorkAhead(transaction.Operations.OfType<MemoryUpsert>().Select(static u => u.Record.Text)), CancellationToken.None);
        string[] ends = [.. transaction.Operations.Select(static o => o switch { MemoryLink link => link.To, MemoryUnlink link => link.To, _ => null }).OfType<string>()];
        Situation situation = await Situation.LookAsync(attempt, scope, transaction, [.. ids.Concat(ends).Distinct(StringComparer.Ordinal)], now - s_keyLife).ConfigureAwait(false);
        if (situation.Replay is { } replay)
        {
            return replay.Hash == hash ? new MemoryTransactionResult(RecordText.ReadOutcomes(replay.Outcome), Replayed: true)
                : throw new MemoryValidationException([$"idempotency_key: '{transaction.IdempotencyKey}' was used for other changes; take a new key."]);
        }

        TransactionPlan plan = new(id => situation.Alive(id, now), situation.Links.Contains, transaction, now);
        plan.Decide(ids);
        await situation.EnsureSpacesAsync(attempt, transaction.Scope, plan.Memories.Select(static m => m.After).OfType<MemoryRecord>()).ConfigureAwait(false);
        MemoryTransactionResult result = new(plan.Outcomes);
        Changes changes = new(attempt.Layout, transaction, situation, terms, now);
        foreach ((string id, MemoryRecord? after) in plan.Memories)
        {
            changes.Add(id, after);
        }

        await ahead.ConfigureAwait(false);
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            changes.Write(sql, plan.Links);
            if (hash is not null)
            {
                sql.Add(
                    $"INSERT INTO {attempt.Layout.Schema}replay (scope, tenant, key, hash, outcome, kept) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (scope, key) DO UPDATE SET hash = $4, outcome = $5, kept = $6",
                    scope, transaction.Scope.Tenant, transaction.IdempotencyKey, hash, RecordText.WriteOutcomes(result.Outcomes), now.UtcTicks);
            }

            attempt.Commits();
            await sql.Add("COMMIT").RunAsync(attempt.CancellationToken).ConfigureAwait(false);
        }

        foreach (var space in changes.VectorsAdded)
        {
            added(transaction.Scope, space.Key.Number, space.Key.Dimensions, space.Value);
        }

        return result;
    }
}
