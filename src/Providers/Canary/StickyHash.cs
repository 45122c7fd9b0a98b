namespace Providers.Canary;

/// <summary>
/// Places a key on the line from 0 to 1, the same in every process: who lies below a share belongs to it, so raising the share only adds
/// keys. FNV-1a over UTF-16, then the finisher of SplitMix64, because FNV's high bits hardly move for short keys.
/// </summary>
internal static class StickyHash
{
    private const ulong Offset = 14_695_981_039_346_656_037;
    private const ulong Prime = 1_099_511_628_211;

    /// <param name="salt">Says which experiment it is, so that the same users do not go first in all of them.</param>
    public static double Position(string salt, string key)
    {
        ulong hash = Add(Add(Add(Offset, salt), "\n"), key);
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        hash ^= hash >> 31;
        return (hash >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong Add(ulong hash, string text)
    {
        foreach (char c in text)
        {
            hash = (hash ^ (c & 0xFFu)) * Prime;
            hash = (hash ^ (uint)(c >> 8)) * Prime;
        }

        return hash;
    }
}
