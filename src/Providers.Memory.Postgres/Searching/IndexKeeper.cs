using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>Gives each vector space that has grown large an HNSW index of its own, in the background and without stopping writers. The database keeps it up to date from then on, whichever host writes.</summary>
internal sealed class IndexKeeper(Database database, TimeProvider clock) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, int> _added = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task _work = Task.CompletedTask;

    /// <summary>Gets what is under way; it never fails.</summary>
    public Task Idle
    {
        get
        {
            lock (_gate)
            {
                return _work;
            }
        }
    }

    /// <summary>Takes note of vectors that were committed; now and then the space is counted.</summary>
    public void Added(MemoryScope scope, long space, int dimensions, int count)
    {
        if (_added.AddOrUpdate(space, count, (_, before) => before + count) < Math.Max(1, database.Options.IndexFrom / 10))
        {
            return;
        }

        _added[space] = 0;
        lock (_gate)
        {
            Task before = _work;
            _work = Task.Run(async () =>
            {
                await before.ConfigureAwait(false);
                await TryAsync(scope, space, dimensions).ConfigureAwait(false);
            });
        }
    }

    /// <summary>Makes the index of a space, if it is large enough and has none.</summary>
    /// <returns>Whether it has one now.</returns>
    public async Task<bool> EnsureAsync(MemoryScope scope, long space, int dimensions, CancellationToken cancellationToken) => await database.ReadAsync(
        async attempt =>
        {
            if (attempt.Layout.Vector is not { } vector || VectorSearch.Type(dimensions) is not { } type || !await IsLargeAsync(attempt, scope, space).ConfigureAwait(false))
            {
                return false;
            }

            string number = space.ToString(CultureInfo.InvariantCulture), name = $"memory_hnsw_{number}", its = $"hashtextextended('providers.memory.{database.Options.Schema}.{name}', 0)";
            if (!await ScalarAsync(attempt.Connection, $"SELECT pg_try_advisory_lock({its})", cancellationToken).ConfigureAwait(false))
            {
                return false; // another host is at it
            }

            try
            {
                if (await ScalarAsync(attempt.Connection, $"SELECT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('{attempt.Layout.Schema}{name}')), false)", cancellationToken).ConfigureAwait(false))
                {
                    return true;
                }

                long started = clock.GetTimestamp();
                await RunAsync(attempt.Connection, $"DROP INDEX IF EXISTS {attempt.Layout.Schema}{name}", cancellationToken).ConfigureAwait(false); // what is left of one whose making was cut off
                await RunAsync(
                    attempt.Connection,
                    $"CREATE INDEX CONCURRENTLY {name} ON {attempt.Layout.Schema}memory USING hnsw ({VectorSearch.Indexed("vector", vector, dimensions)} {vector}{type}_cosine_ops) WHERE space = {number}",
                    cancellationToken).ConfigureAwait(false);
                double took = clock.GetElapsedTime(started).TotalMilliseconds;
                database.Logger.Indexed(space, dimensions, took);
                return true;
            }
            finally
            {
                await ScalarAsync(attempt.Connection, $"SELECT pg_advisory_unlock({its})", CancellationToken.None).ConfigureAwait(false);
            }
        },
        cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Idle.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task TryAsync(MemoryScope scope, long space, int dimensions)
    {
        try
        {
            await EnsureAsync(scope, space, dimensions, _stop.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // an index is for speed alone: what is wrong with it fails nobody's call
        catch (Exception e)
        {
            if (!_stop.IsCancellationRequested)
            {
                database.Logger.NotIndexed(space, e.Message);
            }
        }
#pragma warning restore CA1031
    }

    private async Task<bool> IsLargeAsync(Attempt attempt, MemoryScope scope, long space)
    {
        Sql sql = attempt.Sql();
        await using (sql.ConfigureAwait(false))
        {
            return await sql.Tenant(scope.Tenant).Add($"SELECT count(*) >= $4 FROM (SELECT 1 FROM {attempt.Layout.Schema}memory m WHERE {Reader.In(attempt)} AND m.space = $3 LIMIT $4) AS few", scope.Tenant, scope.Namespace, space, database.Options.IndexFrom)
                .ScalarAsync<bool>(attempt.CancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<bool> ScalarAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        Sql sql = new(connection);
        await using (sql.ConfigureAwait(false))
        {
            return await sql.Add(text).ScalarAsync<bool>(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // put together from constants, checked names and numbers
        NpgsqlCommand command = new(text, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
