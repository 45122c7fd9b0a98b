using System.Runtime.InteropServices;

namespace Providers.VectorData;

/// <summary>An inverted index of one text property, ranked by BM25. Guarded by its owner.</summary>
internal sealed class TextColumn
{
    private const double Saturation = 1.2, LengthShare = 0.75;
    private readonly Dictionary<string, Dictionary<long, int>> _postings = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> _lengths = [];
    private long _totalLength;

    public void Add(long id, string text)
    {
        int length = 0;
        foreach (string word in Words.In(text))
        {
            if (!_postings.TryGetValue(word, out Dictionary<long, int>? rows))
            {
                _postings[word] = rows = [];
            }

            CollectionsMarshal.GetValueRefOrAddDefault(rows, id, out _)++;
            length++;
        }

        _lengths[id] = length;
        _totalLength += length;
    }

    public void Remove(long id, string text)
    {
        foreach (string word in Words.In(text))
        {
            if (_postings.TryGetValue(word, out Dictionary<long, int>? rows) && rows.Remove(id) && rows.Count == 0)
            {
                _postings.Remove(word);
            }
        }

        _lengths.Remove(id, out int length);
        _totalLength -= length;
    }

    /// <summary>The rows that have any of the words, with their scores; each word counts once.</summary>
    public Dictionary<long, double> Score(IEnumerable<string> words)
    {
        var scores = new Dictionary<long, double>();
        double average = Math.Max(1, (double)_totalLength / Math.Max(1, _lengths.Count));
        foreach (string word in words.Distinct(StringComparer.Ordinal))
        {
            if (!_postings.TryGetValue(word, out Dictionary<long, int>? rows))
            {
                continue;
            }

            double rarity = Math.Log(1 + ((_lengths.Count - rows.Count + 0.5) / (rows.Count + 0.5)));
            foreach ((long id, int times) in rows)
            {
                double weight = times * (Saturation + 1) / (times + (Saturation * (1 - LengthShare + (LengthShare * _lengths[id] / average))));
                CollectionsMarshal.GetValueRefOrAddDefault(scores, id, out _) += rarity * weight;
            }
        }

        return scores;
    }
}
