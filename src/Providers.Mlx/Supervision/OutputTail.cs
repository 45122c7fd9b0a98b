namespace Providers.Mlx;

/// <summary>The last lines a process wrote. Safe for concurrent use.</summary>
internal sealed class OutputTail(int capacity)
{
    public const int Lines = 200;

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new(capacity);

    public void Add(string line)
    {
        lock (_lock)
        {
            if (_lines.Count == capacity)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(line);
        }
    }

    public IReadOnlyList<string> Snapshot()
    {
        lock (_lock)
        {
            return [.. _lines];
        }
    }
}
