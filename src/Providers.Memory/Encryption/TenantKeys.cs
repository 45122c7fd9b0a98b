using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

namespace Providers.Memory;

/// <summary>The wrapped keys of the tenants, kept as memories of a namespace of their own in the same store.</summary>
internal sealed class TenantKeys(IMemoryStore store, IMemoryKeyProvider provider)
{
    public const string Namespace = "providers.keys";
    private const string IndexId = "index";
    private readonly ConcurrentDictionary<string, KeyRing> _rings = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private int _dropped;

    public async ValueTask<KeyRing> OfAsync(string tenant, CancellationToken cancellationToken)
    {
        if (_rings.TryGetValue(tenant, out KeyRing? ring))
        {
            return ring;
        }

        int dropped = Volatile.Read(ref _dropped);
        while ((ring = await LoadAsync(tenant, cancellationToken).ConfigureAwait(false)) is null)
        {
            try
            {
                MemoryUpsert[] first = [await NewAsync(IndexId, cancellationToken).ConfigureAwait(false), await NewAsync(NewId(0), cancellationToken).ConfigureAwait(false)];
                await store.ExecuteAsync(new MemoryTransaction(Scope(tenant), first), cancellationToken).ConfigureAwait(false);
            }
            catch (MemoryConflictException)
            {
                // Another host made them at the same moment: take those.
            }
        }

        lock (_gate)
        {
            if (_dropped == dropped)
            {
                _rings[tenant] = ring; // one that was read before keys were changed is good for this call only
            }
        }

        return ring;
    }

    /// <summary>The ring with a certain key, read again where another host made it meanwhile.</summary>
    public async ValueTask<KeyRing> WithAsync(string tenant, string key, CancellationToken cancellationToken)
    {
        KeyRing ring = await OfAsync(tenant, cancellationToken).ConfigureAwait(false);
        if (ring.Has(key))
        {
            return ring;
        }

        Drop(tenant);
        return await OfAsync(tenant, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives a tenant a new key for what is written from now on.</summary>
    public async ValueTask RotateAsync(string tenant, CancellationToken cancellationToken)
    {
        await OfAsync(tenant, cancellationToken).ConfigureAwait(false);
        int there = (await RecordsAsync(tenant, cancellationToken).ConfigureAwait(false)).Count;
        await store.ExecuteAsync(new MemoryTransaction(Scope(tenant), [await NewAsync(NewId(there), cancellationToken).ConfigureAwait(false)]), cancellationToken).ConfigureAwait(false);
        Drop(tenant);
    }

    /// <summary>Wraps a tenant's keys with the present key-encrypting key.</summary>
    public async ValueTask<int> RewrapAsync(string tenant, CancellationToken cancellationToken)
    {
        List<MemoryOperation> again = [];
        foreach (MemoryRecord record in await RecordsAsync(tenant, cancellationToken).ConfigureAwait(false))
        {
            byte[] key = await UnwrapAsync(record, cancellationToken).ConfigureAwait(false);
            WrappedKey wrapped = await provider.WrapAsync(key, cancellationToken).ConfigureAwait(false);
            again.Add(new MemoryPatch(record.Id) { Text = Convert.ToBase64String(wrapped.Bytes.Span), Metadata = Wrapper(wrapped.KeyId), ExpectedVersion = record.Version });
        }

        if (again.Count > 0)
        {
            await store.ExecuteAsync(new MemoryTransaction(Scope(tenant), again), cancellationToken).ConfigureAwait(false);
        }

        return again.Count;
    }

    public async ValueTask DestroyAsync(string tenant, CancellationToken cancellationToken)
    {
        await store.EraseAsync(Scope(tenant), null, cancellationToken).ConfigureAwait(false);
        Drop(tenant);
    }

    /// <summary>Lets the keys be read again when they are needed next.</summary>
    private void Drop(string tenant)
    {
        lock (_gate)
        {
            _dropped++;
            _rings.TryRemove(tenant, out _);
        }
    }

    private async ValueTask<KeyRing?> LoadAsync(string tenant, CancellationToken cancellationToken)
    {
        Dictionary<string, byte[]> keys = new(StringComparer.Ordinal);
        byte[]? index = null;
        string current = "";
        foreach (MemoryRecord record in await RecordsAsync(tenant, cancellationToken).ConfigureAwait(false))
        {
            byte[] key = await UnwrapAsync(record, cancellationToken).ConfigureAwait(false);
            if (record.Id == IndexId)
            {
                index = key;
            }
            else
            {
                keys[record.Id] = key;
                current = string.CompareOrdinal(record.Id, current) > 0 ? record.Id : current; // the ids count up
            }
        }

        return index is null || keys.Count == 0 ? null : new KeyRing(current, keys, index);
    }

    private async ValueTask<List<MemoryRecord>> RecordsAsync(string tenant, CancellationToken cancellationToken)
    {
        List<MemoryRecord> records = [];
        await foreach (MemoryRecord record in store.ReadAllAsync(Scope(tenant), null, cancellationToken).ConfigureAwait(false))
        {
            records.Add(record);
        }

        return records;
    }

    private async ValueTask<MemoryUpsert> NewAsync(string id, CancellationToken cancellationToken)
    {
        WrappedKey wrapped = await provider.WrapAsync(RandomNumberGenerator.GetBytes(32), cancellationToken).ConfigureAwait(false);
        return new MemoryUpsert(new MemoryRecord { Id = id, Kind = "key", Text = Convert.ToBase64String(wrapped.Bytes.Span), Metadata = Wrapper(wrapped.KeyId) }) { ExpectedVersion = 0 };
    }

    private ValueTask<byte[]> UnwrapAsync(MemoryRecord record, CancellationToken cancellationToken) =>
        provider.UnwrapAsync(new WrappedKey(record.Metadata!.Value.GetProperty("wrapped_by").GetString()!, Convert.FromBase64String(record.Text)), cancellationToken);

    private static string NewId(int number) => $"{number:D6}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";

    private static MemoryScope Scope(string tenant) => new(tenant, Namespace);

    private static JsonElement Wrapper(string keyId)
    {
        using JsonDocument document = JsonDocument.Parse($"{{\"wrapped_by\":\"{JsonEncodedText.Encode(keyId)}\"}}");
        return document.RootElement.Clone();
    }
}
