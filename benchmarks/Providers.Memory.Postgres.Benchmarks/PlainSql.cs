using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Npgsql;
using Pgvector;
using Providers.Memory;

namespace Providers.Memory.Postgres.Benchmarks;

/// <summary>What an application would write by hand over Npgsql: one table, one statement for a thousand rows, the server's full text, its ts_rank, and vectors by pgvector or as bytes.</summary>
internal sealed class PlainSql : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly bool _pgvector;

    public PlainSql(string connectionString, bool pgvector)
    {
        NpgsqlDataSourceBuilder builder = new(connectionString);
        builder.UseVector();
        _source = builder.Build();
        _pgvector = pgvector;
    }

    public async Task CreateAsync(int dimensions)
    {
        await RunAsync($"CREATE TABLE plain (id text PRIMARY KEY, tenant text NOT NULL, text text NOT NULL, tags text[] NOT NULL, created timestamptz NOT NULL, words tsvector NOT NULL, vector {(_pgvector ? $"vector({dimensions})" : "bytea")})");
        await RunAsync("CREATE INDEX ON plain USING gin (words)");
        await RunAsync("CREATE INDEX ON plain (tenant, created)");
        await using NpgsqlConnection connection = await _source.OpenConnectionAsync();
        await connection.ReloadTypesAsync();
    }

    public Task IndexAsync() => RunAsync("CREATE INDEX ON plain USING hnsw (vector vector_cosine_ops)");

    public async Task LoadAsync(IReadOnlyList<MemoryRecord> notes)
    {
        await using NpgsqlCommand command = _source.CreateCommand(
            $"INSERT INTO plain SELECT id, 'acme', text, ARRAY[tag], now(), to_tsvector('simple', text), vector FROM unnest($1::text[], $2::text[], $3::text[], $4::{(_pgvector ? "vector" : "bytea")}[]) AS u(id, text, tag, vector)");
        command.Parameters.AddWithValue(notes.Select(static n => n.Id).ToArray());
        command.Parameters.AddWithValue(notes.Select(static n => n.Text).ToArray());
        command.Parameters.AddWithValue(notes.Select(static n => n.Tags[0]).ToArray());
        command.Parameters.AddWithValue(_pgvector ? notes.Select(static n => new Vector(n.Vector!.Value)).ToArray() : notes.Select(static n => MemoryMarshal.AsBytes(n.Vector!.Value.Span).ToArray()).ToArray());
        await command.ExecuteNonQueryAsync();
    }

    public async Task<int> WordsAsync(string text)
    {
        await using NpgsqlCommand command = _source.CreateCommand(
            "SELECT id, text, tags, created, vector, ts_rank(words, q) AS score FROM plain, to_tsquery('simple', $1) q WHERE tenant = 'acme' AND words @@ q ORDER BY score DESC LIMIT 10");
        command.Parameters.AddWithValue(string.Join(" | ", text.Split(' ').Distinct()));
        return await CountAsync(command);
    }

    public async Task<int> NearestAsync(float[] query)
    {
        if (_pgvector)
        {
            await using NpgsqlCommand command = _source.CreateCommand("SELECT id, text, tags, created, vector, 1 - (vector <=> $1) FROM plain WHERE tenant = 'acme' ORDER BY vector <=> $1 LIMIT 10");
            command.Parameters.AddWithValue(new Vector(query));
            return await CountAsync(command);
        }

        List<(string Id, float Score)> all = [];
        await using NpgsqlCommand scan = _source.CreateCommand("SELECT id, vector FROM plain WHERE tenant = 'acme'");
        await using (NpgsqlDataReader reader = await scan.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                all.Add((reader.GetString(0), TensorPrimitives.CosineSimilarity(MemoryMarshal.Cast<byte, float>(reader.GetFieldValue<byte[]>(1)), query)));
            }
        }

        await using NpgsqlCommand fetch = _source.CreateCommand("SELECT id, text, tags, created, vector FROM plain WHERE id = ANY($1)");
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
