using Providers.Memory;

namespace Providers.Memory.Postgres.Benchmarks;

/// <summary>Notes of words with frequencies as in language (Zipf), and vectors around fifty centres.</summary>
internal sealed class Corpus
{
    private readonly Random _random = new(11);
    private readonly string[] _words;
    private readonly float[][] _centres;

    public Corpus(int count, int dimensions)
    {
        _words = [.. Enumerable.Range(0, 20_000).Select(i => $"{(char)('a' + (i % 26))}{(char)('a' + (i / 26 % 26))}{i}")];
        _centres = [.. Enumerable.Range(0, 50).Select(_ => Noise(dimensions))];
        Notes = [.. Enumerable.Range(0, count).Select(i => new MemoryRecord { Id = $"n{i:000000}", Text = Text(40), Tags = [$"t{i % 20}"], Vector = Vector(), VectorSpace = "s" })];
    }

    public MemoryRecord[] Notes { get; }

    public string Text(int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => _words[(int)Math.Pow(_words.Length, _random.NextDouble()) - 1]));

    public float[] Vector()
    {
        float[] centre = _centres[_random.Next(_centres.Length)], noise = Noise(centre.Length);
        return [.. centre.Zip(noise, static (c, n) => c + (0.5f * n))];
    }

    private float[] Noise(int dimensions) => [.. Enumerable.Range(0, dimensions).Select(_ => (float)(_random.NextDouble() - 0.5))];
}
