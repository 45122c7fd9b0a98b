namespace Providers.VectorData;

/// <summary>Which numbers fit into which others without a cast.</summary>
internal static class Numbers
{
    private static readonly Type[] Signed = [typeof(sbyte), typeof(short), typeof(int), typeof(long)];
    private static readonly Type[] Unsigned = [typeof(byte), typeof(ushort), typeof(uint), typeof(ulong)];
    private static readonly Type[] Real = [typeof(float), typeof(double), typeof(decimal)];

    public static bool Widens(Type from, Type to)
    {
        (int signedFrom, int unsignedFrom) = (Array.IndexOf(Signed, from), Array.IndexOf(Unsigned, from));
        (int signedTo, int unsignedTo, int realTo) = (Array.IndexOf(Signed, to), Array.IndexOf(Unsigned, to), Array.IndexOf(Real, to));
        return from == typeof(float) ? to == typeof(double)
            : signedFrom >= 0 ? signedTo > signedFrom || realTo >= 0
            : unsignedFrom >= 0 && (unsignedTo > unsignedFrom || signedTo > unsignedFrom || realTo >= 0);
    }
}
