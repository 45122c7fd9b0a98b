namespace Providers.Memory;

/// <summary>An inverted index scored by Okapi BM25 (Robertson and Walker, 1994), k1 = 1.2 and b = 0.75 as in SQLite's FTS5. Not safe for concurrent use.</summary>
internal sealed class Bm25Index
{
    private const double K1 = 1.2, B = 0.75;
    private readonly Dictionary<string, Dictionary<long, int>> _postings = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> _lengths = [];
    private long _total;

    public void Add(long row, string text)
    {
        List<string> words = Words.Of(text);
        _lengths[row] = words.Count;
        _total += words.Count;
        foreach (string word in words)
        {
            if (!_postings.TryGetValue(word, out Dictionary<long, int>? posting))
            {
                _postings[word] = posting = [];
            }

            posting[row] = posting.GetValueOrDefault(row) + 1;
        }
    }

    /// <param name="row">The row.</param>
    /// <param name="text">The text it was added with.</param>
    public void Remove(long row, string text)
    {
        if (!_lengths.Remove(row, out int length))
        {
            return;
        }

        _total -= length;
        foreach (string word in Words.Of(text))
        {
            if (_postings.TryGetValue(word, out Dictionary<long, int>? posting) && posting.Remove(row) && posting.Count == 0)
            {
                _postings.Remove(word);
            }
        }
    }

    /// <summary>Finds the rows with any of the words, best first; equal ones by row.</summary>
    public List<(long Row, double Score)> Search(string text, int top, Func<long, bool> passes)
    {
        double average = _lengths.Count == 0 ? 1 : Math.Max(1, (double)_total / _lengths.Count);
        Dictionary<long, double> scores = [];
        foreach (string word in Words.Of(text).Distinct(StringComparer.Ordinal))
        {
            if (!_postings.TryGetValue(word, out Dictionary<long, int>? posting))
            {
                continue;
            }

            // FTS5's floor: a word in more than half of the rows still counts a little.
            double weight = Math.Max(1e-6, Math.Log((_lengths.Count - posting.Count + 0.5) / (posting.Count + 0.5)));
            foreach ((long row, int times) in posting)
            {
                scores[row] = scores.GetValueOrDefault(row) + (weight * times * (K1 + 1) / (times + (K1 * (1 - B + (B * _lengths[row] / average)))));
            }
        }

        return [.. scores.Where(s => passes(s.Key)).OrderByDescending(static s => s.Value).ThenBy(static s => s.Key).Take(top).Select(static s => (s.Key, s.Value))];
    }
}
