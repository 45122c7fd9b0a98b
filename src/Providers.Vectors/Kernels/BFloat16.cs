namespace Providers.Vectors;

/// <summary>The upper half of a float32: eight exponent bits, seven of mantissa.</summary>
internal static class BFloat16
{
    public static float ToSingle(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    /// <summary>Rounds to nearest, ties to even; the value is finite.</summary>
    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint rounded = bits + 0x7FFF + ((bits >> 16) & 1);
        // A finite float next to the maximum would round to infinity.
        return (ushort)(((rounded & 0x7F80_0000) == 0x7F80_0000 ? bits : rounded) >> 16);
    }
}
