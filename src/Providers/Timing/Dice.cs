namespace Providers.Timing;

/// <summary>Seeded randomness that many threads may share (SplitMix64, Steele, Lea and Flood 2014): one interlocked step a draw.</summary>
internal sealed class Dice(ulong seed)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    /// <returns>A number from 0 up to, not including, 1.</returns>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <returns>A number from 0 up to, not including, <paramref name="limit"/>.</returns>
    public int Next(int limit) => (int)(NextDouble() * limit);

    private ulong NextBits()
    {
        ulong z = Interlocked.Add(ref _state, Golden);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
