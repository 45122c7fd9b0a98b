using System.Text;
using Providers.Testing.Faults;

namespace Providers.Testing.Answers;

/// <summary>Vectors of unit length that depend on the text's words alone: texts that share words lie nearer.</summary>
internal static class HashingVectors
{
    public static float[] Of(string text, int dimensions, int space)
    {
        double[] sum = new double[dimensions];
        foreach (string word in text.Split([' ', '\t', '\r', '\n', '.', ',', ';', ':', '!', '?'], StringSplitOptions.RemoveEmptyEntries).DefaultIfEmpty(""))
        {
            SplitMix random = new(Hash(word.ToUpperInvariant(), space));
            for (int i = 0; i < dimensions; i++)
            {
                sum[i] += (random.NextDouble() * 2) - 1;
            }
        }

        double length = Math.Sqrt(sum.Sum(static x => x * x));
        return [.. sum.Select(x => (float)(x / length))];
    }

    private static ulong Hash(string word, int space)
    {
        ulong hash = 0xCBF29CE484222325 ^ (uint)space; // FNV-1a
        foreach (byte b in Encoding.UTF8.GetBytes(word))
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        return hash;
    }
}
