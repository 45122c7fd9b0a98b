using System.Buffers.Text;
using System.Globalization;
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

    public string Write(ListPlace place, MemoryScope scope, MemoryListOptions options)
    {
        byte[] payload = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{place.Created} {place.Id}"));
        return Base64Url.EncodeToString((byte[])[.. Tag(payload, scope, options), .. payload]);
    }

    /// <returns>The place; <see langword="null"/> when there is no cursor.</returns>
    /// <exception cref="MemoryValidationException">The cursor is none of ours for this scope, filter and order.</exception>
    public ListPlace? Read(MemoryScope scope, MemoryListOptions options) => options.Cursor is not { } cursor ? null
        : Decode(cursor, scope, options) ?? throw new MemoryValidationException(["cursor: was altered, or belongs to another scope, filter or order; begin again without one."]);

    private ListPlace? Decode(string cursor, MemoryScope scope, MemoryListOptions options)
    {
        byte[] bytes = new byte[Base64Url.GetMaxDecodedLength(cursor.Length)];
        if (cursor.Length > 512 || !Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out int length) || length <= TagLength)
        {
            return null;
        }

        ReadOnlySpan<byte> payload = bytes.AsSpan(TagLength, length - TagLength);
        if (!CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, TagLength), Tag(payload, scope, options)))
        {
            return null;
        }

        string[] parts = Encoding.UTF8.GetString(payload).Split(' ', 2);
        return new ListPlace(long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
    }

    private ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> payload, MemoryScope scope, MemoryListOptions options)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(payload);
        hash.AppendData(Encoding.UTF8.GetBytes($"\n{scope.Tenant}\n{scope.Namespace}\n{(int)options.Order} {Describe(options.Filter)}"));
        return hash.GetHashAndReset().AsSpan(0, TagLength);
    }

    private static string Describe(MemoryFilter? filter) => filter is null ? "" : string.Join('\n', (string[])
    [
        $"{(int)filter.State}", .. filter.Ids, "|", .. filter.Kinds, "|", .. filter.TagsAny, "|", .. filter.TagsAll, "|",
        .. filter.Metadata.OrderBy(static m => m.Key, StringComparer.Ordinal).Select(static m => $"{m.Key}={m.Value.GetRawText()}"),
        "|", filter.Source ?? "", "|", filter.OutsideSpace ?? "",
        string.Create(
            CultureInfo.InvariantCulture, // another host, or another caller's thread, writes numbers in another way
            $"{filter.CreatedFrom?.UtcTicks} {filter.CreatedBefore?.UtcTicks} {filter.UpdatedBefore?.UtcTicks} {filter.ArchivedBefore?.UtcTicks} {filter.MinImportance:R}"),
    ]);
}
