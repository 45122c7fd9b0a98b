namespace Providers.Memory.Benchmarks;

/// <summary>Notes whose words are as frequent as words are (Zipf's law), and clustered vectors; made from the number alone.</summary>
internal sealed class Corpus
{
    public const int Dimensions = 768;
    private const int Vocabulary = 50_000, Clusters = 1_000;
    private readonly double[] _cumulative = new double[Vocabulary];
    private readonly float[][] _centres;

    public Corpus()
    {
        double sum = 0;
        for (int i = 0; i < Vocabulary; i++)
        {
            _cumulative[i] = sum += 1.0 / (i + 1);
        }

        _centres = [.. Enumerable.Range(0, Clusters).Select(static c => Normal(new Random(c + 7), 1))];
    }

    public MemoryRecord Note(int number)
    {
        Random random = new(number);
        return new MemoryRecord { Id = $"n{number}", Text = string.Join(' ', Enumerable.Range(0, 24).Select(_ => Word(random))), Tags = [$"t{number % 50}"], Vector = Vector(random), VectorSpace = "bench" };
    }

    /// <summary>A question: six words as people put them, and a vector near some notes.</summary>
    public MemoryQuery Query(int number)
    {
        Random random = new(-number - 1);
        return new MemoryQuery { Text = string.Join(' ', Enumerable.Range(0, 6).Select(_ => Word(random))), Vector = Vector(random), VectorSpace = "bench" };
    }

    private string Word(Random random)
    {
        int at = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        return "w" + (at < 0 ? ~at : at).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private float[] Vector(Random random)
    {
        float[] vector = Normal(random, 0.6f), centre = _centres[random.Next(Clusters)];
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] += centre[i];
        }

        return vector;
    }

    private static float[] Normal(Random random, float size)
    {
        float[] vector = new float[Dimensions];
        for (int i = 0; i < Dimensions; i++)
        {
            vector[i] = (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2) * size;
        }

        return vector;
    }
}
