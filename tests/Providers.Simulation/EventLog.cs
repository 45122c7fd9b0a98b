namespace Providers.Simulation;

/// <summary>Everything that happened, as one number: two runs of a seed must agree on it bit for bit.</summary>
internal sealed class EventLog
{
    private ulong _hash = 14695981039346656037;

    public int Count { get; private set; }

    public string Digest => $"{_hash:x16}/{Count}";

    // FNV-1a, 64 bits.
    public void Add(string entry)
    {
        Count++;
        foreach (char c in entry)
        {
            _hash = (_hash ^ c) * 1099511628211;
        }

        _hash = (_hash ^ '\n') * 1099511628211;
    }
}
