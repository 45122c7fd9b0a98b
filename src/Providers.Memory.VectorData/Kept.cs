using System.Security.Cryptography;

namespace Providers.Memory.VectorData;

/// <summary>The memories in this process, and their rows in the vector store. One caller at a time.</summary>
internal sealed class Kept : IDisposable
{
    private const string CursorKey = "fact/cursor_key", Proof = "fact/checked";
    private readonly RowStore _rows;

    private Kept(RowStore rows, InMemoryStore held) => (_rows, Held) = (rows, held);

    public InMemoryStore Held { get; }

    public static async Task<Kept> OpenAsync(RowStore rows, MemoryLimits limits, TimeProvider clock, CancellationToken cancellationToken)
    {
        List<StoredRow> all = await rows.OpenAsync(cancellationToken).ConfigureAwait(false);
        string? key = all.Find(static r => r.Name == CursorKey)?.Json;
        if (key is null)
        {
            key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
            await rows.WriteAsync([new RowChange(CursorKey, new StoredRow(CursorKey, StoredRow.Fact, key, StoredRow.NoVector))], cancellationToken).ConfigureAwait(false);
        }

        InMemoryStore held = new(limits, clock, Convert.FromBase64String(key));
        foreach (StoredRow row in all)
        {
            if (row.Group == StoredRow.Memory)
            {
                (MemoryScope scope, HeldMemory memory) = MemoryDocument.Read(row.Json);
                held.Restore(scope, memory);
            }
            else if (row.Group == StoredRow.Key)
            {
                held.Restore(UsedKey.Read(row.Json));
            }
        }

        return new Kept(rows, held);
    }

    /// <summary>Makes a change here, and then there; the caller is told when both have it.</summary>
    /// <param name="scope">The scope it is in; <see langword="null"/>: it may be in any.</param>
    /// <param name="ids">The memories it is about; <see langword="null"/>: any.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Ends the wait; what is held must be read again then.</param>
    public async ValueTask<T> ChangeAsync<T>(MemoryScope? scope, HashSet<string>? ids, Func<InMemoryStore, ValueTask<T>> change, CancellationToken cancellationToken)
    {
        var before = Held.Contents(scope, ids);
        Dictionary<string, HeldKey> keysBefore = Keys();
        T result = await change(Held).ConfigureAwait(false); // refused: nothing has changed
        ids?.UnionWith(before.Keys.Select(static b => b.Id)); // those that linked to what may be gone
        ids?.UnionWith((result as MemoryTransactionResult)?.Outcomes.Select(static o => o.Id) ?? []);
        var after = Held.Contents(scope, ids);
        Dictionary<string, HeldKey> keysAfter = Keys();
        await _rows.WriteAsync(
            [
                .. after.Where(a => !before.TryGetValue(a.Key, out HeldMemory? was) || !a.Value.IsAs(was)).Select(static a => MemoryDocument.Row(a.Key.Scope, a.Value)).Select(static row => new RowChange(row.Name, row)),
                .. before.Keys.Where(b => !after.ContainsKey(b)).Select(static b => new RowChange(MemoryDocument.NameOf(b.Scope, b.Id), null)),
                .. keysAfter.Where(k => !keysBefore.TryGetValue(k.Key, out HeldKey? was) || was.Kept != k.Value.Kept).Select(static k => new RowChange(k.Key, UsedKey.Row(k.Value))),
                .. keysBefore.Keys.Where(k => !keysAfter.ContainsKey(k)).Select(static k => new RowChange(k, null)),
            ],
            cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Writes something that changes nothing.</summary>
    public Task ProveAsync(CancellationToken cancellationToken) => _rows.WriteAsync([new RowChange(Proof, new StoredRow(Proof, StoredRow.Fact, "", StoredRow.NoVector))], cancellationToken);

    public void Dispose() => Held.Dispose();

    private Dictionary<string, HeldKey> Keys() => Held.Keys.ToDictionary(static k => UsedKey.NameOf(k.Scope, k.Key), StringComparer.Ordinal);
}
