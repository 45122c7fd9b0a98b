using System.Numerics;
using System.Runtime.InteropServices;

namespace Providers.VectorData;

/// <summary>CRC-32C, eight bytes an instruction.</summary>
internal static class Crc
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        int whole = bytes.Length & ~7;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes[..whole]))
        {
            sum = BitOperations.Crc32C(sum, word);
        }

        foreach (byte rest in bytes[whole..])
        {
            sum = BitOperations.Crc32C(sum, rest);
        }

        return ~sum;
    }
}
