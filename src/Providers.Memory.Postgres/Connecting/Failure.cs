using System.Net.Sockets;
using Npgsql;

namespace Providers.Memory.Postgres;

/// <summary>What a failed statement means.</summary>
internal enum Verdict
{
    /// <summary>Not the server's affair.</summary>
    Foreign,

    /// <summary>Undone for another transaction's sake: again, at once.</summary>
    Undone,

    /// <summary>The tables are not as they were thought to be: look again.</summary>
    Changed,

    /// <summary>The server is away or goes down.</summary>
    Away,

    /// <summary>Refused, and would be again.</summary>
    Refused,
}

/// <summary>Reads errors of the server and of the way to it.</summary>
internal static class Failure
{
    public static Verdict Judge(Exception error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation } => Verdict.Undone,
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName } => Verdict.Changed,
        PostgresException { IsTransient: true } or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => Verdict.Away,
        PostgresException => Verdict.Refused,
        NpgsqlException or SocketException or IOException or TimeoutException => Verdict.Away,
        _ => Verdict.Foreign,
    };

    /// <summary>Whether the server itself said that the transaction failed, so that it did not commit.</summary>
    public static bool IsAnswer(Exception error) => error is PostgresException && Judge(error) is not Verdict.Away;

    /// <param name="error">The error.</param>
    /// <param name="where">Server and database, without secrets.</param>
    /// <param name="unknown">Whether the change may have happened.</param>
    public static MemoryUnavailableException Wrap(Exception error, string where, bool unknown)
    {
        string what = error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } => "refused the role or its password; correct the connection string",
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => "has no such database; make it, or correct the connection string",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } p => $"does not allow that to the role ({p.MessageText}); grant it, or open the memory once with a role that owns its tables",
            PostgresException { SqlState: PostgresErrorCodes.DiskFull } => "has no room left on its disk",
            PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => "is read-only; connect to the primary (Target Session Attributes=primary)",
            PostgresException p => $"failed with {p.SqlState}: {p.MessageText}",
            _ => "cannot be reached, or does not answer in time; start it, or correct the connection string",
        };
        return new MemoryUnavailableException($"PostgreSQL at {where} {what}.{(unknown ? " The change may have happened: repeat it with the same idempotency key." : "")}", error, unknown);
    }
}
