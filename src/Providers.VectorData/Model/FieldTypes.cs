using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Providers.VectorData;

/// <summary>All types there are, by .NET type and by their number in files.</summary>
internal static class FieldTypes
{
    private static readonly Dictionary<Type, (FieldType Type, FieldShape Shape)> ByType = [];
    private static readonly Dictionary<byte, FieldType> ByCode = [];

    static FieldTypes()
    {
        Reference(1, WriteText, ReadText, StringComparer.Ordinal);
        Value(2, static (w, v) => w.Write(v), static r => r.ReadBoolean());
        Value(3, static (w, v) => w.Write(v), static r => r.ReadByte());
        Value(4, static (w, v) => w.Write(v), static r => r.ReadSByte());
        Value(5, static (w, v) => w.Write(v), static r => r.ReadInt16());
        Value(6, static (w, v) => w.Write(v), static r => r.ReadUInt16());
        Value(7, static (w, v) => w.Write(v), static r => r.ReadInt32());
        Value(8, static (w, v) => w.Write(v), static r => r.ReadUInt32());
        Value(9, static (w, v) => w.Write(v), static r => r.ReadInt64());
        Value(10, static (w, v) => w.Write(v), static r => r.ReadUInt64());
        Value(11, static (w, v) => w.Write(v), static r => r.ReadSingle());
        Value(12, static (w, v) => w.Write(v), static r => r.ReadDouble());
        Value(13, static (w, v) => w.Write(v), static r => r.ReadDecimal());
        Value(14, static (w, v) => w.Write((ushort)v), static r => (char)r.ReadUInt16());
        Value(15, static (w, v) => w.Write(v.ToByteArray()), static r => new Guid(r.ReadBytes(16)));
        Value(16, WriteDateTime, static r => new DateTime(r.ReadInt64(), (DateTimeKind)r.ReadByte()));
        Value(17, WriteDateTimeOffset, static r => new DateTimeOffset(r.ReadInt64(), TimeSpan.FromMinutes(r.ReadInt16())));
        Value(18, static (w, v) => w.Write(v.DayNumber), static r => DateOnly.FromDayNumber(r.ReadInt32()));
        Value(19, static (w, v) => w.Write(v.Ticks), static r => new TimeOnly(r.ReadInt64()));
        Value(20, static (w, v) => w.Write(v.Ticks), static r => new TimeSpan(r.ReadInt64()));
    }

    /// <summary>What to name when a type is none of these.</summary>
    public const string SupportedData =
        "string, bool, byte, sbyte, short, ushort, int, uint, long, ulong, float, double, decimal, char, Guid, DateTime, DateTimeOffset, DateOnly, TimeOnly, TimeSpan, nullables of them, and arrays and List<> of them";

    public const string SupportedKeys = "string, Guid, int, long";

    public static FieldType Text => ByCode[1];

    public static bool TryGet(Type type, [NotNullWhen(true)] out FieldType? field, out FieldShape shape)
    {
        bool known = ByType.TryGetValue(type, out (FieldType Type, FieldShape Shape) found);
        (field, shape) = found;
        return known;
    }

    public static FieldType FromCode(byte code) =>
        ByCode.TryGetValue(code, out FieldType? type) ? type : throw new InvalidDataException($"The type number {code} is not known; the file was written by a newer version.");

    public static bool IsKey(Type type) => type == typeof(string) || type == typeof(Guid) || type == typeof(int) || type == typeof(long);

    /// <summary>Writes the code units as they are: a lone surrogate comes back as one.</summary>
    public static void WriteText(BinaryWriter writer, string text)
    {
        writer.Write7BitEncodedInt(text.Length);
        writer.Write(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    public static string ReadText(BinaryReader reader)
    {
        int length = reader.Read7BitEncodedInt();
        return new string(MemoryMarshal.Cast<byte, char>(reader.ReadBytes(length * sizeof(char))));
    }

    private static void Value<T>(byte code, Action<BinaryWriter, T> write, Func<BinaryReader, T> read)
        where T : struct, IComparable<T>
    {
        FieldType type = Add(code, write, read, Comparer<T>.Default);
        ByType[typeof(T?)] = (type, FieldShape.Scalar);
    }

    private static void Reference<T>(byte code, Action<BinaryWriter, T> write, Func<BinaryReader, T> read, IComparer<T> comparer)
        where T : class => Add(code, write, read, comparer);

    private static FieldType<T> Add<T>(byte code, Action<BinaryWriter, T> write, Func<BinaryReader, T> read, IComparer<T> comparer)
    {
        var type = new FieldType<T>(code, write, read, comparer);
        ByCode[code] = type;
        ByType[typeof(T)] = (type, FieldShape.Scalar);
        ByType[typeof(T[])] = (type, FieldShape.Array);
        ByType[typeof(List<T>)] = (type, FieldShape.List);
        return type;
    }

    private static void WriteDateTime(BinaryWriter writer, DateTime value)
    {
        writer.Write(value.Ticks);
        writer.Write((byte)value.Kind);
    }

    private static void WriteDateTimeOffset(BinaryWriter writer, DateTimeOffset value)
    {
        writer.Write(value.Ticks);
        writer.Write((short)(value.Offset.Ticks / TimeSpan.TicksPerMinute));
    }
}

/// <summary>Whether a property holds one value or many, and in what.</summary>
internal enum FieldShape
{
    Scalar,
    Array,
    List,
}
