using System.Globalization;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>Searches: both rankings in one round trip, the records in a second one, both of one snapshot.</summary>
internal sealed class Searcher(Database database, TimeProvider clock)
{
    private readonly WordSearch _words = new(clock);

    public Task<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<MemoryMatch>>(attempt => SearchAsync(attempt, scope, query, clock.GetUtcNow()), cancellationToken);

    private async Task<IReadOnlyList<MemoryMatch>> SearchAsync(Attempt attempt, MemoryScope scope, MemoryQuery query, DateTimeOffset now)
    {
        (Layout layout, CancellationToken cancellationToken) = (attempt.Layout, attempt.CancellationToken);
        bool byVector = query.Mode is not MemorySearchMode.Keyword && query.Vector is not null;
        bool byWords = query.Mode is not MemorySearchMode.Semantic && !string.IsNullOrWhiteSpace(query.Text);
        if (await PlaceAsync(attempt, scope, byVector ? query.VectorSpace! : "").ConfigureAwait(false) is not { } found)
        {
            return [];
        }

        if (found.Space is not null && found.Dimensions != query.Vector!.Value.Length)
        {
            throw new MemoryValidationException([$"vector: has {query.Vector.Value.Length} dimensions; the space '{query.VectorSpace}' has {found.Dimensions}."]);
        }

        List<Fusion.Fused> fused = await RankAsync(attempt, scope, query, (found.Number, found.Space is { } space ? (space, found.Dimensions) : null), (byVector, byWords), now).ConfigureAwait(false);
        if (fused.Count == 0)
        {
            await EndAsync(attempt).ConfigureAwait(false);
            return [];
        }

        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            sql.Add($"SELECT {layout.Columns} FROM {layout.From} WHERE m.scope = $1 AND m.row = ANY($2)", found.Number, fused.Select(static f => f.Row).ToArray()).Add("COMMIT");
            NpgsqlDataReader reader = await sql.ReadAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                Dictionary<long, MemoryRecord> records = (await RecordRow.ReadAllAsync(reader, cancellationToken).ConfigureAwait(false)).ToDictionary(static r => r.Row, static r => r.Record);
                return [.. fused.Select(f => new MemoryMatch(records[f.Row], f.Score) { VectorScore = f.VectorScore, KeywordScore = f.KeywordScore })];
            }
        }
    }

    /// <summary>The numbers of the scope and, where it is there, the space; <see langword="null"/>: there is no such scope.</summary>
    private static async Task<(long Number, long? Space, int Dimensions)?> PlaceAsync(Attempt attempt, MemoryScope scope, string space)
    {
        if (attempt.Layout.Places.TryGetValue((scope, space), out (long Scope, long Space, int Dimensions) known))
        {
            return (known.Scope, space.Length == 0 ? null : known.Space, known.Dimensions);
        }

        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await sql.Tenant(scope.Tenant)
                .Add(
                    $"SELECT s.number, p.number, p.dimensions FROM {attempt.Layout.Schema}scope s LEFT JOIN {attempt.Layout.Schema}space p ON p.scope = s.number AND p.name = $3 WHERE s.tenant = $1 AND s.namespace = $2",
                    scope.Tenant, scope.Namespace, space)
                .ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                if (!await reader.ReadAsync(attempt.CancellationToken).ConfigureAwait(false))
                {
                    return null;
                }

                if (reader.IsDBNull(1) && space.Length > 0)
                {
                    return (reader.GetInt64(0), null, 0);
                }

                if (attempt.Layout.Places.Count >= 100_000)
                {
                    attempt.Layout.Places.Clear();
                }

                (long number, long? its, int dimensions) = space.Length == 0 ? (reader.GetInt64(0), (long?)null, 0) : (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2));
                attempt.Layout.Places[(scope, space)] = (number, its ?? 0, dimensions);
                return (number, its, dimensions);
            }
        }
    }

    private async Task<List<Fusion.Fused>> RankAsync(Attempt attempt, MemoryScope scope, MemoryQuery query, (long Scope, (long, int)? Space) place, (bool Vector, bool Words) ask, DateTimeOffset now)
    {
        int candidates = Fusion.Candidates(query.Top);
        List<(long, double)>? byVector = ask.Vector ? [] : null, byWords = ask.Words ? [] : null;
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            sql.Add("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").Tenant(scope.Tenant);
            if (place.Space is not null && attempt.Layout.Vector is not null)
            {
                sql.Setting("hnsw.ef_search", Math.Clamp(candidates, 100, 1_000).ToString(CultureInfo.InvariantCulture)).Setting("hnsw.iterative_scan", "relaxed_order");
            }

            if (place.Space is { } space)
            {
                VectorSearch.Add(sql, attempt.Layout, (scope, place.Scope), space, query, candidates, now);
            }

            IReadOnlyList<long> words = byWords is null ? [] : _words.Add(sql, attempt.Layout, (scope, place.Scope), query, candidates, now);
            NpgsqlDataReader reader = await sql.ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                if (place.Space is not null)
                {
                    byVector = await VectorSearch.ReadAsync(reader, attempt.Layout, query, candidates, attempt.CancellationToken).ConfigureAwait(false);
                    await reader.NextResultAsync(attempt.CancellationToken).ConfigureAwait(false);
                }

                if (words.Count > 0)
                {
                    byWords = await _words.ReadAsync(reader, place.Scope, words, attempt.CancellationToken).ConfigureAwait(false);
                }
            }
        }

        return [.. Fusion.Fuse(byVector, byWords).Where(f => f.Score >= query.MinScore).Take(query.Top)];
    }

    private static async Task EndAsync(Attempt attempt)
    {
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            await sql.Add("COMMIT").RunAsync(attempt.CancellationToken).ConfigureAwait(false);
        }
    }
}
