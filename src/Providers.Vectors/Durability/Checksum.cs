using System.Numerics;
using System.Runtime.InteropServices;

namespace Providers.Vectors;

/// <summary>CRC-32C in four interleaved lanes (one instruction each), folded at the end: finds every single flipped byte at memory speed.</summary>
internal static class Checksum
{
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var sum = new ChecksumStream();
        sum.Add(bytes);
        return sum.Finish();
    }

    /// <summary>The checksum of memory of any length.</summary>
    public static unsafe uint Compute(byte* start, long length)
    {
        const int Step = 1 << 30;
        var sum = new ChecksumStream();
        for (long at = 0; at < length; at += Step)
        {
            sum.Add(new ReadOnlySpan<byte>(start + at, (int)Math.Min(Step, length - at)));
        }

        return sum.Finish();
    }
}

/// <summary>The running form: parts of any length give the sum of the whole.</summary>
internal sealed class ChecksumStream
{
    private readonly byte[] _rest = new byte[32];
    private uint _a = 1, _b = 2, _c = 3, _d = 4;
    private long _length;
    private int _kept;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        if (_kept > 0)
        {
            int take = Math.Min(32 - _kept, bytes.Length);
            bytes[..take].CopyTo(_rest.AsSpan(_kept));
            _kept += take;
            bytes = bytes[take..];
            if (_kept < 32)
            {
                return;
            }

            Words(_rest);
            _kept = 0;
        }

        int whole = bytes.Length & ~31;
        Words(bytes[..whole]);
        bytes[whole..].CopyTo(_rest);
        _kept = bytes.Length - whole;
    }

    public uint Finish()
    {
        uint a = _a;
        foreach (byte value in _rest.AsSpan(0, _kept))
        {
            a = BitOperations.Crc32C(a, value);
        }

        return BitOperations.Crc32C(BitOperations.Crc32C(BitOperations.Crc32C(BitOperations.Crc32C((uint)_length, a), _b), _c), _d);
    }

    private void Words(ReadOnlySpan<byte> bytes)
    {
        uint a = _a, b = _b, c = _c, d = _d;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int i = 0; i <= words.Length - 4; i += 4)
        {
            a = BitOperations.Crc32C(a, words[i]);
            b = BitOperations.Crc32C(b, words[i + 1]);
            c = BitOperations.Crc32C(c, words[i + 2]);
            d = BitOperations.Crc32C(d, words[i + 3]);
        }

        (_a, _b, _c, _d) = (a, b, c, d);
    }
}
