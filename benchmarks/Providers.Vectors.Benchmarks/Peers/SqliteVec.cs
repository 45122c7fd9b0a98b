using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Providers.Vectors.Benchmarks;

/// <summary>sqlite-vec's vec0 table, loaded from its npm package into Microsoft.Data.Sqlite; exact search only.</summary>
internal sealed class SqliteVec : IDisposable
{
    private readonly SqliteConnection _connection;

    private SqliteVec(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens or fills the database; null where the package has no library for this machine.</summary>
    public static SqliteVec? Open(string file, int dimensions, string modules, float[] data)
    {
        string library = Path.Combine(modules, "node_modules", "sqlite-vec-linux-x64", "vec0.so");
        if (!File.Exists(library))
        {
            return null;
        }

        bool filled = File.Exists(file);
        var connection = new SqliteConnection($"Data Source={file}{(filled ? "" : ".new")};Pooling=False");
        connection.Open();
        connection.EnableExtensions(true);
        connection.LoadExtension(library, "sqlite3_vec_init");
        if (filled)
        {
            return new SqliteVec(connection);
        }

        using (SqliteTransaction transaction = connection.BeginTransaction())
        {
            using SqliteCommand create = connection.CreateCommand();
            create.CommandText = $"create virtual table rows using vec0(vector float[{dimensions}] distance_metric=cosine)";
            create.ExecuteNonQuery();
            using SqliteCommand insert = connection.CreateCommand();
            insert.CommandText = "insert into rows(rowid, vector) values ($id, $vector)";
            SqliteParameter id = insert.Parameters.Add("$id", SqliteType.Integer), vector = insert.Parameters.Add("$vector", SqliteType.Blob);
            for (int row = 0; row < data.Length / dimensions; row++)
            {
                (id.Value, vector.Value) = (row + 1L, MemoryMarshal.AsBytes(data.AsSpan(row * dimensions, dimensions)).ToArray());
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        connection.Dispose();
        File.Move(file + ".new", file);
        return Open(file, dimensions, modules, data);
    }

    public int Search(ReadOnlySpan<float> query, VectorMatch[] matches)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "select rowid, distance from rows where vector match $query and k = $k order by distance";
        command.Parameters.AddWithValue("$query", MemoryMarshal.AsBytes(query).ToArray());
        command.Parameters.AddWithValue("$k", matches.Length);
        using SqliteDataReader reader = command.ExecuteReader();
        int count = 0;
        while (reader.Read())
        {
            matches[count++] = new VectorMatch(reader.GetInt64(0) - 1, 1 - reader.GetFloat(1));
        }

        return count;
    }

    public void Dispose() => _connection.Dispose();
}
