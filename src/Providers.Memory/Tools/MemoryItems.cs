using System.Text.Json;

namespace Providers.Memory.Tools;

/// <summary>Turns memories into items until the caller's budget is spent. A token is taken as four characters.</summary>
internal sealed class MemoryItems(TextFence fence, bool full, int maxTokens)
{
    private const int BriefLength = 280;
    private const int CharactersPerToken = 4;
    private const int Frame = 240; // the names, dates and fence of an item, in characters
    private long _left = (long)maxTokens * CharactersPerToken;

    public List<MemoryItem> Shown { get; } = [];

    public static MemoryItem Whole(MemoryRecord record, TextFence fence) => new MemoryItems(fence, true, int.MaxValue).Make(record, record.Text.Length);

    /// <summary>Shows one more, the first one whatever it takes, cut where it must be.</summary>
    /// <returns>Whether there was room.</returns>
    public bool TryAdd(MemoryRecord record, Func<MemoryItem, MemoryItem>? complete = null)
    {
        int most = full ? record.Text.Length : Math.Min(record.Text.Length, BriefLength);
        long size = Frame + most + record.Tags.Sum(static t => t.Length + 3) + (full ? MetadataLength(record) : 0);
        if (size > _left)
        {
            if (Shown.Count > 0)
            {
                return false;
            }

            most = (int)Math.Clamp(_left - (size - most), Math.Min(most, 40), most);
        }

        MemoryItem item = Make(record, most);
        Shown.Add(complete is null ? item : complete(item));
        _left -= size;
        return true;
    }

    private static int MetadataLength(MemoryRecord record) => record.Metadata is { ValueKind: JsonValueKind.Object } json ? json.GetRawText().Length : 0;

    private MemoryItem Make(MemoryRecord record, int most)
    {
        bool cut = most < record.Text.Length;
        if (cut && most > 0 && char.IsHighSurrogate(record.Text[most - 1]))
        {
            most--;
        }

        return new MemoryItem(
            record.Id, record.Version, record.Kind, fence.Around(cut ? record.Text[..most] : record.Text, record.Provenance?.Source),
            record.Tags, record.Provenance?.Source ?? "unknown", record.Provenance?.Trust ?? 0, record.Created)
        {
            Truncated = cut ? true : null,
            Importance = full ? record.Importance : null,
            Updated = full ? record.Updated : null,
            Expires = full ? record.Expires : null,
            Metadata = full ? record.Metadata : null,
        };
    }
}
