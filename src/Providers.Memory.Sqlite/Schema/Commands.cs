using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>Short ways to run a statement. Parameters are <c>$1</c>, <c>$2</c>, ... in order.</summary>
internal static class Commands
{
    public static SqliteCommand Command(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant or put together from constants
        command.CommandText = sql;
#pragma warning restore CA2100
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i + 1}", values[i] ?? DBNull.Value);
        }

        return command;
    }

    public static int Run(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = connection.Command(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Gets the first column of the first row; the default where there is none, or it is null.</summary>
    public static T? Scalar<T>(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = connection.Command(sql, values);
        return command.ExecuteScalar() is T value ? value : default;
    }

    public static List<long> Numbers(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = connection.Command(sql, values);
        using SqliteDataReader reader = command.ExecuteReader();
        List<long> numbers = [];
        while (reader.Read())
        {
            numbers.Add(reader.GetInt64(0));
        }

        return numbers;
    }

    /// <summary>Reads memories; the statement selects <see cref="RecordRow.Columns"/>.</summary>
    public static List<(long Row, MemoryRecord Record)> Records(this SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = connection.Command(sql, values);
        using SqliteDataReader reader = command.ExecuteReader();
        List<(long, MemoryRecord)> found = [];
        while (reader.Read())
        {
            found.Add(RecordRow.Read(reader));
        }

        return found;
    }

    /// <summary>The number of a scope; <see langword="null"/>: nothing was ever written there.</summary>
    public static long? ScopeOf(this SqliteConnection connection, MemoryScope scope) =>
        connection.Scalar<object>("SELECT number FROM scope WHERE tenant = $1 AND namespace = $2", scope.Tenant, scope.Namespace) as long?;
}
