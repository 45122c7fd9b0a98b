using System.Collections.Concurrent;

namespace Providers.Memory.Postgres;

/// <summary>The hashes of words lately met: a hash costs ten times as much as finding it again, and the words of a language come back.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class HashedWords
{
    private const int Most = 50_000; // then all are forgotten: some five megabytes
    private readonly ConcurrentDictionary<(UInt128 Key, string Word), long> _known = new();
    private int _count;

    /// <param name="key">The key of the scope's hashes.</param>
    /// <param name="word">The word.</param>
    /// <param name="hash">Hashes it, where it is not known.</param>
    public long Of(UInt128 key, string word, Func<string, long> hash)
    {
        if (_known.TryGetValue((key, word), out long known))
        {
            return known;
        }

        if (Interlocked.Increment(ref _count) > Most)
        {
            _known.Clear();
            Volatile.Write(ref _count, 0);
        }

        return _known[(key, word)] = hash(word);
    }
}
