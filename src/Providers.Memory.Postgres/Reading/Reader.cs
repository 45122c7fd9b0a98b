using System.Runtime.CompilerServices;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>Reads memories, each call in one round trip and from one snapshot.</summary>
internal sealed class Reader(Database database, TimeProvider clock)
{
    public Task<MemoryRecord?> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken) => database.ReadAsync(
        async attempt =>
        {
            List<(long, MemoryRecord Record)> found = await QueryAsync(
                attempt, scope, $"SELECT {attempt.Layout.Columns} FROM {attempt.Layout.From} WHERE {In(attempt)} AND m.id = $3 AND (m.expires IS NULL OR m.expires > $4)", [scope.Tenant, scope.Namespace, id, clock.GetUtcNow().UtcTicks]).ConfigureAwait(false);
            return found is [var one] ? one.Record : null;
        },
        cancellationToken);

    public Task<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions options, CancellationToken cancellationToken) => database.ReadAsync(
        async attempt =>
        {
            CursorCodec cursors = new(attempt.Layout.CursorKey);
            ListPlace? after = cursors.Read(scope, options);
            bool newest = options.Order is MemoryOrder.NewestFirst;
            List<object?> values = [scope.Tenant, scope.Namespace, after?.Created ?? (newest ? long.MaxValue : long.MinValue), after?.Id ?? "", options.Limit + 1];
            string filter = FilterSql.Write(attempt.Layout, new Terms(attempt.Layout, scope), options.Filter, clock.GetUtcNow(), values), way = newest ? " DESC" : "";
            List<(long, MemoryRecord Record)> found = await QueryAsync(
                attempt, scope, $"SELECT {attempt.Layout.Columns} FROM {attempt.Layout.From} WHERE {In(attempt)} AND (m.created, m.id) {(newest ? '<' : '>')} ($3, $4){filter} ORDER BY m.created{way}, m.id{way} LIMIT $5", values).ConfigureAwait(false);
            MemoryRecord[] page = [.. found.Take(options.Limit).Select(static f => f.Record)];
            return new MemoryPage(page, found.Count > options.Limit ? cursors.Write(new ListPlace(page[^1].Created.UtcTicks, page[^1].Id), scope, options) : null);
        },
        cancellationToken);

    /// <summary>Reads all that passes as it is at this moment. Only the beginning is tried again: what was handed out cannot be taken back.</summary>
    public async IAsyncEnumerable<MemoryRecord> ReadAllAsync(MemoryScope scope, MemoryFilter? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Stream all = await database.ReadAsync(attempt => BeginAsync(attempt, scope, filter), cancellationToken).ConfigureAwait(false);
        await using (all.ConfigureAwait(false))
        {
            while (await database.GuardAsync(() => all.Reader.ReadAsync(cancellationToken), cancellationToken).ConfigureAwait(false))
            {
                yield return RecordRow.Read(all.Reader).Record;
            }
        }
    }

    private async Task<Stream> BeginAsync(Attempt attempt, MemoryScope scope, MemoryFilter? filter)
    {
        List<object?> values = [scope.Tenant, scope.Namespace];
        string conditions = FilterSql.Write(attempt.Layout, new Terms(attempt.Layout, scope), filter, clock.GetUtcNow(), values);
        Sql sql = attempt.Sql().Tenant(scope.Tenant).Add($"SELECT {attempt.Layout.Columns} FROM {attempt.Layout.From} WHERE {In(attempt)}{conditions} ORDER BY m.created, m.id", [.. values]);
        NpgsqlDataReader reader = await sql.ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
        attempt.Keep();
        return new Stream(attempt.Connection, sql, reader);
    }

    private sealed record Stream(NpgsqlConnection Connection, Sql Sql, NpgsqlDataReader Reader) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Reader.DisposeAsync().ConfigureAwait(false);
            await Sql.DisposeAsync().ConfigureAwait(false);
            await Connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The condition that a memory <c>m</c> is in the scope that <c>$1</c> and <c>$2</c> name.</summary>
    public static string In(Attempt attempt) => $"m.scope = (SELECT number FROM {attempt.Layout.Schema}scope WHERE tenant = $1 AND namespace = $2)";

    private static async Task<List<(long Row, MemoryRecord Record)>> QueryAsync(Attempt attempt, MemoryScope scope, string text, List<object?> values)
    {
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await sql.Tenant(scope.Tenant).Add(text, [.. values]).ReadAsync(attempt.CancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                return await RecordRow.ReadAllAsync(reader, attempt.CancellationToken).ConfigureAwait(false);
            }
        }
    }
}
