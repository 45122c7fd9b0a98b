using System.Globalization;
using Providers.Memory;

namespace Providers.Orchestration;

/// <summary>Texts larger than one memory may hold, as a row of memories. The texts are ASCII, as JSON is written here, so they can be cut anywhere.</summary>
internal static class Documents
{
    /// <summary>Bytes of one piece; below the smallest limit on texts that a store has by default.</summary>
    private const int PieceBytes = 48 * 1024;

    public static IEnumerable<MemoryUpsert> Write(string id, string kind, string workflow, string text, DateTimeOffset? expires = null)
    {
        int count = Math.Max(1, (text.Length + PieceBytes - 1) / PieceBytes);
        for (int i = 0; i < count; i++)
        {
            string piece = text.Substring(i * PieceBytes, Math.Min(PieceBytes, text.Length - (i * PieceBytes)));
            yield return new MemoryUpsert(new MemoryRecord
            {
                Id = PieceId(id, i),
                Kind = kind,
                Tags = [workflow],
                Expires = expires,
                Text = string.Create(CultureInfo.InvariantCulture, $"{count}={piece}"), // never blank, and says how many pieces there are
            });
        }
    }

    public static async ValueTask<string?> ReadAsync(IMemoryStore store, MemoryScope scope, string id, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(scope, PieceId(id, 0), cancellationToken).ConfigureAwait(false) is not { Text: var first })
        {
            return null;
        }

        int mark = first.IndexOf('=', StringComparison.Ordinal), count = int.Parse(first.AsSpan(0, mark), CultureInfo.InvariantCulture);
        string[] pieces = new string[count];
        pieces[0] = first[(mark + 1)..];
        for (int i = 1; i < count; i++)
        {
            MemoryRecord piece = await store.GetAsync(scope, PieceId(id, i), cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidDataException($"Piece {i} of {count} of document '{id}' is missing from the store; restore it from a backup.");
            pieces[i] = piece.Text[(mark + 1)..];
        }

        return string.Concat(pieces);
    }

    private static string PieceId(string id, int piece) => string.Create(CultureInfo.InvariantCulture, $"{id}:{piece}");
}
