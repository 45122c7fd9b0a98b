using Microsoft.Data.Sqlite;

namespace Providers.Memory.Sqlite;

/// <summary>A connection lent to one who reads, with one snapshot of the database from its first statement to its end. Not safe for concurrent use.</summary>
internal sealed class Reading : IDisposable
{
    private readonly Readers _readers;
    private bool _given;

    public Reading(Readers readers)
    {
        _readers = readers;
        Sql = readers.Take();
        try
        {
            Sql.Run("BEGIN");
        }
        catch
        {
            Sql.Dispose();
            throw;
        }
    }

    public Statements Sql { get; }

    public void Dispose()
    {
        if (_given)
        {
            return;
        }

        _given = true;
        try
        {
            if (Sql.InTransaction)
            {
                Sql.Run("ROLLBACK"); // of nothing: it only reads
            }

            _readers.GiveBack(Sql);
        }
        catch (SqliteException)
        {
            Sql.Dispose(); // a failure has closed it for further use
        }
    }
}
