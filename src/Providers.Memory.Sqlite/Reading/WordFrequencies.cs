using System.Collections.Concurrent;

namespace Providers.Memory.Sqlite;

/// <summary>
/// Keeps a search from weighing half of all memories for a word that says next to nothing: of a query's words, the rarest are taken until they are in so
/// many memories. What is left out are words whose weight (their rarity) is the least.
/// </summary>
/// <remarks>Safe for concurrent use. Counts are remembered until many memories have changed.</remarks>
internal sealed class WordFrequencies
{
    public const long MostMatches = 4_000;
    private const int MostWords = 20_000;
    private const int ChangesToForget = 5_000;
    private readonly ConcurrentDictionary<string, long> _known = new(StringComparer.Ordinal);
    private int _changes;

    /// <summary>Counts changes; called by the writer.</summary>
    public void Changed(int memories)
    {
        if (Interlocked.Add(ref _changes, memories) >= ChangesToForget)
        {
            Interlocked.Exchange(ref _changes, 0);
            _known.Clear();
        }
    }

    /// <param name="sql">Where to count.</param>
    /// <param name="words">Words as they are written, each once.</param>
    /// <returns>The words taken, and in how many memories of all scopes they are, one counted as often as it has several.</returns>
    public (List<string> Words, long Matches) Selective(Statements sql, IReadOnlyList<string> words)
    {
        List<string> taken = [];
        long matches = 0;
        foreach ((string word, long count) in words.Select(w => (w, Count(sql, IndexTerm.Of(w)))).OrderBy(static w => w.Item2).ThenBy(static w => w.w, StringComparer.Ordinal))
        {
            if (taken.Count > 0 && matches > 0 && matches + count > MostMatches)
            {
                break;
            }

            taken.Add(word);
            matches += count;
        }

        return (taken, matches);
    }

    /// <summary>In how many memories of all scopes a word of the index is, or was a short while ago.</summary>
    public long Count(Statements sql, string word)
    {
        if (_known.TryGetValue(word, out long count))
        {
            return count;
        }

        count = sql.Scalar<long>("SELECT doc FROM vocabulary WHERE term = ?1", word);
        if (count > 0 && _known.Count < MostWords)
        {
            _known[word] = count;
        }

        return count;
    }
}
