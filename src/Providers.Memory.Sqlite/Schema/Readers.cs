using System.Collections.Concurrent;

namespace Providers.Memory.Sqlite;

/// <summary>Connections that read, kept with their statements for the next one who reads. Safe for concurrent use.</summary>
internal sealed class Readers(Func<Statements> open) : IDisposable
{
    private const int Most = 16; // more are opened when more read at once, and closed after
    private readonly ConcurrentStack<Statements> _idle = new();
    private volatile bool _disposed;

    /// <exception cref="ObjectDisposedException">The store was disposed of.</exception>
    public Statements Take()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteMemoryStore));
        return _idle.TryPop(out Statements? idle) ? idle : open();
    }

    public void GiveBack(Statements statements)
    {
        if (_disposed || _idle.Count >= Most)
        {
            statements.Dispose();
            return;
        }

        _idle.Push(statements);
        if (_disposed)
        {
            Clear();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        Clear();
    }

    private void Clear()
    {
        while (_idle.TryPop(out Statements? idle))
        {
            idle.Dispose();
        }
    }
}
