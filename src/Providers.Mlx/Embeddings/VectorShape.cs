namespace Providers.Mlx;

/// <summary>Cuts a vector to its first dimensions and scales it to length 1.</summary>
internal static class VectorShape
{
    public static float[] Cut(float[] vector, int dimensions) => dimensions < vector.Length ? vector[..dimensions] : vector;

    /// <summary>In place; a vector of zeros stays one.</summary>
    public static void Normalize(float[] vector)
    {
        double sum = 0;
        foreach (float value in vector)
        {
            sum += (double)value * value;
        }

        if (sum > 0)
        {
            double scale = 1 / Math.Sqrt(sum);
            for (int i = 0; i < vector.Length; i++)
            {
                vector[i] = (float)(vector[i] * scale);
            }
        }
    }
}
