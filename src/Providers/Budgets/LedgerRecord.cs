using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Providers.Budgets;

/// <summary>One amount in the file: its length, a CRC-32C of what follows, then budget, tenant, window, tokens and cost.</summary>
internal static class LedgerRecord
{
    private const int Header = 8;
    private const int Longest = 4_096;

    public static void Write(MemoryStream to, UsageEntry entry)
    {
        using MemoryStream body = new();
        using (BinaryWriter writer = new(body, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(entry.Budget);
            writer.Write(entry.Tenant);
            writer.Write(entry.Window.UtcTicks);
            writer.Write(entry.Tokens);
            writer.Write(entry.Cost);
        }

        ReadOnlySpan<byte> bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        Span<byte> header = stackalloc byte[Header];
        BinaryPrimitives.WriteInt32LittleEndian(header, bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Checksum(bytes));
        to.Write(header);
        to.Write(bytes);
    }

    /// <summary>Reads one record from the start of a span.</summary>
    /// <returns>Its length in the file; 0 when there is no whole, sound record.</returns>
    public static int TryRead(ReadOnlySpan<byte> from, out UsageEntry? entry)
    {
        entry = null;
        if (from.Length < Header)
        {
            return 0;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(from);
        if (length is <= 0 or > Longest || from.Length < Header + length)
        {
            return 0;
        }

        ReadOnlySpan<byte> body = from.Slice(Header, length);
        if (Checksum(body) != BinaryPrimitives.ReadUInt32LittleEndian(from[4..]))
        {
            return 0;
        }

        using BinaryReader reader = new(new MemoryStream(body.ToArray()), Encoding.UTF8);
        entry = new UsageEntry(reader.ReadString(), reader.ReadString(), new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero), reader.ReadInt64(), reader.ReadDecimal());
        return Header + length;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
