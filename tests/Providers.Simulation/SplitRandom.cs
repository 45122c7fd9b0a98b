namespace Providers.Simulation;

/// <summary>
/// A stream of random numbers of its own for every (name, run): SplitMix64 with start and step both mixed from all bits of the pair. Seeding
/// one generator with neighbouring multiples of its step would hand every run the same numbers, shifted by one. Not safe for concurrent use.
/// </summary>
internal sealed class SplitRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private readonly ulong _step;
    private ulong _state;

    public SplitRandom(string name, int run)
    {
        ulong seed = 14_695_981_039_346_656_037;
        foreach (char c in name)
        {
            seed = (seed ^ c) * 1_099_511_628_211;
        }

        seed = Mix(Mix(seed) ^ (((ulong)run + 1) * Golden));
        _state = Mix(seed);
        _step = Mix(seed ^ Golden) | 1; // odd: the state comes back after 2^64 numbers only
    }

    public ulong Next() => Mix(_state += _step);

    /// <summary>The next number from 0 to below 1, of 53 bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
