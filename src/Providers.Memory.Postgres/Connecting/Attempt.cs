using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>One try of a piece of work: its connection, and whether giving up may leave something behind.</summary>
internal sealed class Attempt(NpgsqlConnection connection, Layout layout, CancellationToken cancellationToken)
{
    public NpgsqlConnection Connection => connection;

    public Layout Layout => layout;

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Gets whether a commit was sent, so that a broken connection leaves the outcome open.</summary>
    public bool Committing { get; private set; }

    /// <summary>Gets whether the connection outlives the attempt.</summary>
    public bool Kept { get; private set; }

    /// <summary>Leaves the connection open; whoever called the attempt closes it.</summary>
    public void Keep() => Kept = true;

    public Sql Sql() => new(connection);

    /// <summary>Says that what is sent next commits.</summary>
    public void Commits() => Committing = true;
}
