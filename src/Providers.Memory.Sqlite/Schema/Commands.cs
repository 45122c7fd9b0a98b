using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>Short ways to run a statement once, on a connection that keeps none.</summary>
internal static class Commands
{
    /// <summary>Runs one statement or several, without parameters.</summary>
    public static void Run(this SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant or put together from constants
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>Gets the first column of the first row; the default where there is none, or it is null.</summary>
    public static T? Scalar<T>(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using Statement statement = new(connection.Handle!, sql);
        statement.Bind(values);
        return statement.Step() && new Rows(statement, kept: true).Value(0) is T value ? value : default;
    }
}
