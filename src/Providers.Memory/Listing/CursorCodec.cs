using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Providers.Memory;

/// <summary>A place in a listing: after which memory the next page begins.</summary>
/// <param name="Created">The creation of the last memory of the page before, in UTC ticks.</param>
/// <param name="Id">Its id.</param>
internal readonly record struct ListPlace(long Created, string Id);

/// <summary>Makes places opaque and refuses what was altered, or given for another scope or filter.</summary>
internal sealed class CursorCodec(byte[] key)
{
    private const int TagLength = 12;

    /// <summary>Makes a codec whose cursors end with the process.</summary>
    public static CursorCodec WithRandomKey() => new(RandomNumberGenerator.GetBytes(32));

    public string Write(ListPlace place, MemoryScope scope, MemoryFilter? filter)
    {
        byte[] payload = Encoding.UTF8.GetBytes($"{place.Created} {place.Id}");
        return Base64Url.EncodeToString((byte[])[.. Tag(payload, scope, filter), .. payload]);
    }

    /// <returns>The place; <see langword="null"/> when the cursor is none of ours for this scope and filter.</returns>
    public ListPlace? Read(string cursor, MemoryScope scope, MemoryFilter? filter)
    {
        byte[] bytes = new byte[Base64Url.GetMaxDecodedLength(cursor.Length)];
        if (cursor.Length > 512 || !Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out int length) || length <= TagLength)
        {
            return null;
        }

        ReadOnlySpan<byte> payload = bytes.AsSpan(TagLength, length - TagLength);
        if (!CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, TagLength), Tag(payload, scope, filter)))
        {
            return null;
        }

        string[] parts = Encoding.UTF8.GetString(payload).Split(' ', 2);
        return new ListPlace(long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts[1]);
    }

    private ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> payload, MemoryScope scope, MemoryFilter? filter)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(payload);
        hash.AppendData(Encoding.UTF8.GetBytes($"\n{scope.Tenant}\n{scope.Namespace}\n{Describe(filter)}"));
        return hash.GetHashAndReset().AsSpan(0, TagLength);
    }

    private static string Describe(MemoryFilter? filter) => filter is null ? "" : string.Join('\n', (string[])
    [
        .. filter.Kinds, "|", .. filter.TagsAny, "|", .. filter.TagsAll, "|",
        .. filter.Metadata.OrderBy(static m => m.Key, StringComparer.Ordinal).Select(static m => $"{m.Key}={m.Value.GetRawText()}"),
        "|", filter.Source ?? "", $"{filter.CreatedFrom?.UtcTicks} {filter.CreatedBefore?.UtcTicks} {filter.MinImportance:R}",
    ]);
}
