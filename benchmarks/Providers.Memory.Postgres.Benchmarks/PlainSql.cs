using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Npgsql;
using Pgvector;
using Providers.Memory;

namespace Providers.Memory.Postgres.Benchmarks;

/// <summary>
/// What an application would write by hand over Npgsql: one table, one statement for a thousand rows, the server's full text, its ts_rank, and vectors by pgvector or as bytes.
/// It comes in two sorts. The bare one has the columns its searches show and inserts only. The equal one does what a memory does besides, as far as one table can: all columns of a
/// memory, ids of each tenant's own, an index for each sort of filter, and an id that is there is replaced. Neither has a second wall, versions that are checked, or idempotency.
/// </summary>
internal sealed class PlainSql : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly bool _pgvector, _equal;
    private readonly string _table;

    public PlainSql(string connectionString, bool pgvector, bool equal)
    {
        _equal = equal;
        _table = equal ? "plain_equal" : "plain_bare";
        NpgsqlDataSourceBuilder builder = new(connectionString);
        builder.UseVector();
        _source = builder.Build();
        _pgvector = pgvector;
    }

    public string Name => _equal ? "plain SQL that keeps as much" : "plain SQL";

    private string Active => _equal ? " AND archived IS NULL AND (expires IS NULL OR expires > now())" : "";

    public async Task CreateAsync(int dimensions)
    {
        string vector = _pgvector ? $"vector({dimensions})" : "bytea";
        foreach (string statement in _equal
            ? (string[])
            [
                $"""
                CREATE TABLE {_table} (tenant text NOT NULL, id text NOT NULL, kind text NOT NULL, text text NOT NULL, tags text[] NOT NULL, metadata jsonb, importance float8 NOT NULL, source text, provenance jsonb,
                    created timestamptz NOT NULL, updated timestamptz NOT NULL, expires timestamptz, archived timestamptz, version bigint NOT NULL, space text, words tsvector NOT NULL, vector {vector}, PRIMARY KEY (tenant, id))
                """,
                $"CREATE INDEX ON {_table} USING gin (words)", $"CREATE INDEX ON {_table} USING gin (tags)", $"CREATE INDEX ON {_table} USING gin (metadata jsonb_path_ops)",
                $"CREATE INDEX ON {_table} (tenant, created, id)", $"CREATE INDEX ON {_table} (tenant, kind)", $"CREATE INDEX ON {_table} (tenant, source)", $"CREATE INDEX ON {_table} (expires) WHERE expires IS NOT NULL",
            ]
            :
            [
                $"CREATE TABLE {_table} (id text PRIMARY KEY, tenant text NOT NULL, text text NOT NULL, tags text[] NOT NULL, created timestamptz NOT NULL, words tsvector NOT NULL, vector {vector})",
                $"CREATE INDEX ON {_table} USING gin (words)", $"CREATE INDEX ON {_table} (tenant, created)",
            ])
        {
            await RunAsync(statement);
        }

        await using NpgsqlConnection connection = await _source.OpenConnectionAsync();
        await connection.ReloadTypesAsync();
    }

    public Task IndexAsync() => RunAsync($"CREATE INDEX ON {_table} USING hnsw (vector vector_cosine_ops)");

    public async Task LoadAsync(IReadOnlyList<MemoryRecord> notes)
    {
        string arrays = $"unnest($1::text[], $2::text[], $3::text[], $4::{(_pgvector ? "vector" : "bytea")}[]";
        await using NpgsqlCommand command = _source.CreateCommand(_equal
            ? $"""
            INSERT INTO {_table} (tenant, id, kind, text, tags, metadata, importance, source, provenance, created, updated, expires, archived, version, space, words, vector)
            SELECT 'acme', u.id, u.kind, u.text, ARRAY[u.tag], u.metadata::jsonb, u.importance, u.source, u.provenance::jsonb, now(), now(), u.expires, u.archived, 1, u.space, to_tsvector('simple', u.text), u.vector
            FROM {arrays}, $5::text[], $6::text[], $7::float8[], $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[], $12::text[])
                AS u(id, text, tag, vector, kind, metadata, importance, source, provenance, expires, archived, space)
            ON CONFLICT (tenant, id) DO UPDATE SET kind = excluded.kind, text = excluded.text, tags = excluded.tags, metadata = excluded.metadata, importance = excluded.importance, source = excluded.source,
                provenance = excluded.provenance, updated = excluded.updated, expires = excluded.expires, archived = excluded.archived, version = {_table}.version + 1, space = excluded.space,
                words = excluded.words, vector = excluded.vector
            """
            : $"INSERT INTO {_table} SELECT id, 'acme', text, ARRAY[tag], now(), to_tsvector('simple', text), vector FROM {arrays}) AS u(id, text, tag, vector)");
        command.Parameters.AddWithValue(notes.Select(static n => n.Id).ToArray());
        command.Parameters.AddWithValue(notes.Select(static n => n.Text).ToArray());
        command.Parameters.AddWithValue(notes.Select(static n => n.Tags[0]).ToArray());
        command.Parameters.AddWithValue(_pgvector ? notes.Select(static n => new Vector(n.Vector!.Value)).ToArray() : notes.Select(static n => MemoryMarshal.AsBytes(n.Vector!.Value.Span).ToArray()).ToArray());
        if (_equal)
        {
            command.Parameters.AddWithValue(notes.Select(static n => n.Kind).ToArray());
            command.Parameters.AddWithValue(notes.Select(static n => n.Metadata?.GetRawText()).ToArray());
            command.Parameters.AddWithValue(notes.Select(static n => n.Importance).ToArray());
            command.Parameters.AddWithValue(notes.Select(static n => n.Provenance?.Source).ToArray());
            command.Parameters.AddWithValue(notes.Select(static n => n.Provenance?.Actor).ToArray());
            command.Parameters.AddWithValue(notes.Select(static n => n.Expires?.UtcDateTime).ToArray());
            command.Parameters.AddWithValue(notes.Select(static n => n.Archived?.UtcDateTime).ToArray());
            command.Parameters.AddWithValue(notes.Select(static n => n.VectorSpace).ToArray());
        }

        await command.ExecuteNonQueryAsync();
    }

    public async Task<int> WordsAsync(string text)
    {
        await using NpgsqlCommand command = _source.CreateCommand(
            $"SELECT id, text, tags, created, vector, ts_rank(words, q) AS score FROM {_table}, to_tsquery('simple', $1) q WHERE tenant = 'acme'{Active} AND words @@ q ORDER BY score DESC LIMIT 10");
        command.Parameters.AddWithValue(string.Join(" | ", text.Split(' ').Distinct()));
        return await CountAsync(command);
    }

    public async Task<int> NearestAsync(float[] query)
    {
        if (_pgvector)
        {
            await using NpgsqlCommand command = _source.CreateCommand($"SELECT id, text, tags, created, vector, 1 - (vector <=> $1) FROM {_table} WHERE tenant = 'acme'{Active} ORDER BY vector <=> $1 LIMIT 10");
            command.Parameters.AddWithValue(new Vector(query));
            return await CountAsync(command);
        }

        List<(string Id, float Score)> all = [];
        await using NpgsqlCommand scan = _source.CreateCommand($"SELECT id, vector FROM {_table} WHERE tenant = 'acme'{Active}");
        await using (NpgsqlDataReader reader = await scan.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                all.Add((reader.GetString(0), TensorPrimitives.CosineSimilarity(MemoryMarshal.Cast<byte, float>(reader.GetFieldValue<byte[]>(1)), query)));
            }
        }

        await using NpgsqlCommand fetch = _source.CreateCommand($"SELECT id, text, tags, created, vector FROM {_table} WHERE tenant = 'acme' AND id = ANY($1)");
        fetch.Parameters.AddWithValue(all.OrderByDescending(static a => a.Score).Take(10).Select(static a => a.Id).ToArray());
        return await CountAsync(fetch);
    }

    public async Task RunAsync(string text)
    {
        await using NpgsqlCommand command = _source.CreateCommand(text);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static async Task<int> CountAsync(NpgsqlCommand command)
    {
        int count = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            count += reader.GetString(1).Length > 0 && !reader.IsDBNull(4) ? 1 : 0;
        }

        return count;
    }
}
