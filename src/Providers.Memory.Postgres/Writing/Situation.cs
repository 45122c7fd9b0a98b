using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>What a transaction found before it changes anything: the memories it is about, locked; the spaces; and whether its key was used.</summary>
/// <param name="Scope">The scope's number.</param>
/// <param name="There">The memories by id, expired ones too.</param>
/// <param name="Spaces">The scope's spaces by name.</param>
/// <param name="Links">Those of the links to be taken away that are there.</param>
/// <param name="Replay">What the key's first use gave, with its fingerprint; <see langword="null"/>: it was not used.</param>
internal sealed record Situation(long Scope, Dictionary<string, (long Row, MemoryRecord Record)> There, Dictionary<string, (long Number, int Dimensions)> Spaces, HashSet<MemoryLink> Links, (string Hash, string Outcome)? Replay)
{
    /// <summary>A memory as it is; <see langword="null"/>: there is none, or it has expired.</summary>
    public MemoryRecord? Alive(string id, DateTimeOffset now) => There.TryGetValue(id, out (long Row, MemoryRecord Record) there) && !(there.Record.Expires <= now) ? there.Record : null;

    /// <summary>Begins the transaction and looks, in one round trip once the scope is known.</summary>
    public static async Task<Situation> LookAsync(Attempt attempt, long scope, MemoryTransaction transaction, IReadOnlyList<string> ids, DateTimeOffset keptAfter)
    {
        (Layout layout, CancellationToken cancellationToken) = (attempt.Layout, attempt.CancellationToken);
        string s = layout.Schema;
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            // With a plan of its own for these very values, the planner copies a batch's megabytes several times, and guesses at the use of the index.
            sql.Add("BEGIN").Tenant(transaction.Scope.Tenant).Setting("plan_cache_mode", "force_generic_plan");
            if (transaction.IdempotencyKey is { } key)
            {
                // Others with the key wait here, whichever host they are on. The lock is another statement: its snapshot must not be older than the wait.
                sql.Add("SELECT pg_advisory_xact_lock(hashtextextended($1, $2))", key, scope)
                    .Add($"SELECT hash, outcome FROM {s}replay WHERE scope = $1 AND key = $2 AND kept > $3", scope, key, keptAfter.UtcTicks);
            }

            sql.Add($"SELECT name, number, dimensions FROM {s}space WHERE scope = $1", scope)
                .Add($"SELECT {layout.Columns} FROM {layout.From} WHERE m.scope = $1 AND m.id = ANY($2) ORDER BY m.id FOR UPDATE OF m", scope, ids.ToArray());
            MemoryUnlink[] unlinks = [.. transaction.Operations.OfType<MemoryUnlink>()];
            if (unlinks.Length > 0)
            {
                sql.Add(
                    $"SELECT l.origin, l.relation, l.target FROM {s}link l JOIN unnest($2::text[], $3::int[], $4::text[]) AS u(origin, relation, target) ON l.origin = u.origin AND l.relation = u.relation AND l.target = u.target WHERE l.scope = $1",
                    scope, unlinks.Select(static u => u.From).ToArray(), unlinks.Select(static u => (int)u.Relation).ToArray(), unlinks.Select(static u => u.To).ToArray());
            }

            NpgsqlDataReader reader = await sql.ReadAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                (string, string)? replay = null;
                if (transaction.IdempotencyKey is not null)
                {
                    await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                    replay = await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? (reader.GetString(0), reader.GetString(1)) : null;
                    await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                }

                Dictionary<string, (long, int)> spaces = new(StringComparer.Ordinal);
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    spaces[reader.GetString(0)] = (reader.GetInt64(1), reader.GetInt32(2));
                }

                await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                Dictionary<string, (long, MemoryRecord)> there = (await RecordRow.ReadAllAsync(reader, cancellationToken).ConfigureAwait(false)).ToDictionary(static r => r.Record.Id, StringComparer.Ordinal);
                HashSet<MemoryLink> links = [];
                if (unlinks.Length > 0)
                {
                    await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                    while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        links.Add(new MemoryLink(reader.GetString(0), (MemoryRelation)reader.GetInt32(1), reader.GetString(2)));
                    }
                }

                return new Situation(scope, there, spaces, links, replay);
            }
        }
    }

    /// <summary>Makes the spaces that are missing, and refuses vectors of other dimensions than their space.</summary>
    /// <exception cref="MemoryValidationException">A vector has other dimensions.</exception>
    public async Task EnsureSpacesAsync(Attempt attempt, MemoryScope scope, IEnumerable<MemoryRecord> after)
    {
        (string Name, int Dimensions)[] needed = [.. after.Where(static r => r is { Vector: not null, VectorSpace: not null }).Select(static r => (r.VectorSpace!, r.Vector!.Value.Length)).Distinct()];
        (string Name, int Dimensions)[] missing = [.. needed.Where(n => !Spaces.ContainsKey(n.Name)).DistinctBy(static n => n.Name).OrderBy(static n => n.Name, StringComparer.Ordinal)];
        if (missing.Length > 0)
        {
            Sql sql = attempt.Sql();
            await using (sql.ConfigureAwait(false))
            {
                sql.Add(
                    $"INSERT INTO {attempt.Layout.Schema}space (scope, tenant, name, dimensions) SELECT $1, $2, * FROM unnest($3::text[], $4::int[]) ON CONFLICT DO NOTHING",
                    Scope, scope.Tenant, missing.Select(static m => m.Name).ToArray(), missing.Select(static m => m.Dimensions).ToArray());
                sql.Add($"SELECT name, number, dimensions FROM {attempt.Layout.Schema}space WHERE scope = $1", Scope);
                NpgsqlDataReader reader = await sql.ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.ReadAsync(attempt.CancellationToken).ConfigureAwait(false))
                    {
                        Spaces[reader.GetString(0)] = (reader.GetInt64(1), reader.GetInt32(2));
                    }
                }
            }
        }

        string[] errors = [.. needed.Where(n => Spaces[n.Name].Dimensions != n.Dimensions).Select(n => $"vector: has {n.Dimensions} dimensions; the space '{n.Name}' has {Spaces[n.Name].Dimensions}.")];
        if (errors.Length > 0)
        {
            throw new MemoryValidationException(errors);
        }
    }
}
