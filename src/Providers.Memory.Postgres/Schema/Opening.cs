using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>Finds the tables, and makes or migrates them where they are not as this version knows them: one host at a time, the others wait.</summary>
internal sealed class Opening(NpgsqlConnection connection, PostgresMemoryOptions options, ILogger logger)
{
    private readonly string _s = $"\"{options.Schema}\".";

    /// <exception cref="InvalidOperationException">The tables were made by a newer version, or need pgvector, which is not there.</exception>
    public async Task<Layout> RunAsync(CancellationToken cancellationToken)
    {
        if (await VersionAsync(cancellationToken).ConfigureAwait(false) != Migrations.Latest)
        {
            await MigrateAsync(cancellationToken).ConfigureAwait(false);
        }

        return await LookAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The lock that everything that changes tables holds, for this schema.</summary>
    public static string Lock(string schema) => $"hashtextextended('providers.memory.{schema}', 0)";

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        // In one transaction, whose end frees the lock whatever happens to the host.
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await RunAsync($"SELECT pg_advisory_xact_lock({Lock(options.Schema)})", cancellationToken).ConfigureAwait(false);
            int version = await VersionAsync(cancellationToken).ConfigureAwait(false);
            if (version > Migrations.Latest)
            {
                throw new InvalidOperationException(
                    $"The memory in schema '{options.Schema}' is at version {version}; this version of the package knows up to {Migrations.Latest}. Use the version that wrote it, or a newer one. Nothing was changed.");
            }

            bool pgvector = version == 0 ? await WantsPgvectorAsync(cancellationToken).ConfigureAwait(false) : await HasColumnAsync(cancellationToken).ConfigureAwait(false);
            string vector = pgvector ? await PgvectorAsync(cancellationToken).ConfigureAwait(false) ?? "" : "";
            string[] steps = Migrations.Steps(_s, pgvector, vector);
            if (version == 0)
            {
                await RunAsync($"CREATE SCHEMA IF NOT EXISTS \"{options.Schema}\"", cancellationToken).ConfigureAwait(false);
            }

            for (; version < steps.Length; version++)
            {
                await RunAsync(steps[version], cancellationToken).ConfigureAwait(false);
            }

            foreach ((string name, byte[] value) in ((string, byte[])[])
                [("version", BitConverter.GetBytes(version)), ("cursor_key", RandomNumberGenerator.GetBytes(32)), ("term_key", RandomNumberGenerator.GetBytes(16))])
            {
                Sql sql = new(connection);
                await using (sql.ConfigureAwait(false))
                {
                    await sql.Add($"INSERT INTO {_s}meta VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE meta.name = 'version'", name, value).RunAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        logger.Opened(options.Schema, Migrations.Latest, await HasColumnAsync(cancellationToken).ConfigureAwait(false) ? "by pgvector" : "as bytes");
    }

    private async Task<Layout> LookAsync(CancellationToken cancellationToken)
    {
        bool pgvector = await HasColumnAsync(cancellationToken).ConfigureAwait(false);
        if (options.Vectors is PostgresVectors.Pgvector && !pgvector)
        {
            throw new InvalidOperationException($"The memory in schema '{options.Schema}' keeps vectors as bytes, but PostgresMemoryOptions.Vectors asks for pgvector. Open it with Auto and call ReindexAsync once.");
        }

        string? vector = pgvector ? await PgvectorAsync(cancellationToken).ConfigureAwait(false) : null;
        if (pgvector)
        {
            await connection.ReloadTypesAsync(cancellationToken).ConfigureAwait(false);
        }

        return new Layout(_s, vector, await KeyAsync("cursor_key", cancellationToken).ConfigureAwait(false), await KeyAsync("term_key", cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The version of the tables; 0: there are none.</summary>
    private async Task<int> VersionAsync(CancellationToken cancellationToken) =>
        await ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM {Table("meta")})", cancellationToken).ConfigureAwait(false)
            ? BitConverter.ToInt32(await KeyAsync("version", cancellationToken).ConfigureAwait(false)) : 0;

    private async Task<byte[]> KeyAsync(string name, CancellationToken cancellationToken) => await ScalarAsync<byte[]>($"SELECT value FROM {_s}meta WHERE name = '{name}'", cancellationToken).ConfigureAwait(false)
        ?? throw new InvalidOperationException($"The table {_s}meta has no '{name}': schema '{options.Schema}' is not a memory's, or was damaged. Nothing was changed; name another schema, or restore a backup.");

    private Task<bool> HasColumnAsync(CancellationToken cancellationToken) =>
        ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM {Table("memory")} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = '{Layout.ColumnFor(true)}' AND NOT a.attisdropped)", cancellationToken);

    /// <summary>A table as the catalogue has it now: names are otherwise looked up in a cache, which does not know what another host made while this one waited for it.</summary>
    private string Table(string name) => $"pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid AND n.nspname = '{options.Schema}' AND c.relname = '{name}'";

    private async Task<bool> WantsPgvectorAsync(CancellationToken cancellationToken)
    {
        if (options.Vectors is PostgresVectors.Exact)
        {
            return false;
        }

        bool there = await ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector')", cancellationToken).ConfigureAwait(false)
            && await TryCreateAsync(cancellationToken).ConfigureAwait(false);
        return there || options.Vectors is PostgresVectors.Auto ? there
            : throw new InvalidOperationException("PostgresMemoryOptions.Vectors asks for pgvector, which this server does not have, or the role may not create. Install it (CREATE EXTENSION vector), or choose Auto or Exact.");
    }

    private async Task<bool> TryCreateAsync(CancellationToken cancellationToken)
    {
        if (await PgvectorAsync(cancellationToken).ConfigureAwait(false) is not null)
        {
            return true;
        }

        await RunAsync("SAVEPOINT extension", cancellationToken).ConfigureAwait(false);
        try
        {
            await RunAsync("CREATE EXTENSION vector", cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedFile or PostgresErrorCodes.FeatureNotSupported)
        {
            await RunAsync("ROLLBACK TO SAVEPOINT extension", cancellationToken).ConfigureAwait(false);
            return false;
        }
    }

    private Task<string?> PgvectorAsync(CancellationToken cancellationToken) =>
        ScalarAsync<string>("SELECT quote_ident(n.nspname) || '.' FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'", cancellationToken);

    private async Task RunAsync(string text, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // constants, and a schema that was checked
        NpgsqlCommand command = new(text, connection) { CommandTimeout = 0 }; // however much there is to bring up; the caller may end it
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<T?> ScalarAsync<T>(string text, CancellationToken cancellationToken)
    {
        Sql sql = new(connection);
        await using (sql.ConfigureAwait(false))
        {
            return await sql.Add(text).ScalarAsync<T>(cancellationToken).ConfigureAwait(false);
        }
    }
}
