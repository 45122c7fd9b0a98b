using Npgsql;

namespace Providers.Memory;

/// <summary>Whether vectors are kept by the extension pgvector.</summary>
public enum PostgresVectors
{
    /// <summary>By pgvector where the server has it when the tables are made; otherwise as bytes, compared one by one.</summary>
    Auto,

    /// <summary>As bytes, compared one by one: exact, needs no extension, and right up to some ten thousand memories of one scope.</summary>
    Exact,

    /// <summary>By pgvector; opening fails where the server has none.</summary>
    Pgvector,
}

/// <summary>Where a PostgreSQL memory lies, and how it is reached.</summary>
public sealed class PostgresMemoryOptions
{
    /// <summary>Gets or sets how the server is reached, in Npgsql's words (<c>Host=...;Database=...;Username=...</c>).</summary>
    /// <value>Needed unless <see cref="DataSource"/> is set. Default: empty.</value>
    public string ConnectionString { get; set; } = "";

    /// <summary>Gets or sets a data source of the host's own, for passwords that rotate and the like. It is not disposed with the store, and must know arrays and pgvector's types (<c>UseVector()</c>).</summary>
    /// <value><see langword="null"/> (the default): one is made from <see cref="ConnectionString"/>.</value>
    public NpgsqlDataSource? DataSource { get; set; }

    /// <summary>Gets or sets the schema of the tables; it is made where it is missing and the role may.</summary>
    /// <value>1 to 63 of <c>a-z 0-9 _</c>, not beginning with a digit. Default: <c>memory</c>.</value>
    public string Schema { get; set; } = "memory";

    /// <summary>Gets or sets how vectors are kept. It is decided when the tables are made; <see cref="Postgres.PostgresMemoryStore.ReindexAsync"/> moves to pgvector later.</summary>
    /// <value>Default: <see cref="PostgresVectors.Auto"/>.</value>
    public PostgresVectors Vectors { get; set; }

    /// <summary>Gets or sets from how many memories on a scope's vector space gets an HNSW index of its own; below it is searched exactly.</summary>
    /// <value>1 to 10,000,000. Default: 10,000.</value>
    public int IndexFrom { get; set; } = 10_000;

    /// <summary>Gets or sets how long a call is tried again while the server is away. Changes are tried again only where that is safe: before anything was committed, or with an idempotency key.</summary>
    /// <value>00:00:00, once only, to 00:10:00. Default: 10 seconds.</value>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromSeconds(10);

    internal void Check()
    {
        if (DataSource is null && string.IsNullOrWhiteSpace(ConnectionString))
        {
            throw new ArgumentException("PostgresMemoryOptions has neither a ConnectionString nor a DataSource; set one of them.");
        }

        if (Schema is not { Length: >= 1 and <= 63 } || char.IsAsciiDigit(Schema[0]) || !Schema.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            throw new ArgumentException($"PostgresMemoryOptions.Schema is '{Schema}'; 1 to 63 of a-z 0-9 _ are allowed, not beginning with a digit.");
        }

        if (!Enum.IsDefined(Vectors))
        {
            throw new ArgumentOutOfRangeException($"PostgresMemoryOptions.Vectors is {(int)Vectors}; Auto, Exact and Pgvector are allowed.", (Exception?)null);
        }

        if (IndexFrom is < 1 or > 10_000_000)
        {
            throw new ArgumentOutOfRangeException($"PostgresMemoryOptions.IndexFrom is {IndexFrom}; 1 to 10,000,000 is allowed.", (Exception?)null);
        }

        if (RetryFor < TimeSpan.Zero || RetryFor > TimeSpan.FromMinutes(10))
        {
            throw new ArgumentOutOfRangeException($"PostgresMemoryOptions.RetryFor is {RetryFor}; 00:00:00 to 00:10:00 is allowed.", (Exception?)null);
        }
    }
}
