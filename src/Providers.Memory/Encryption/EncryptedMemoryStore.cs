using System.Runtime.CompilerServices;

namespace Providers.Memory;

/// <summary>
/// Encrypts what memories say before another store sees it: text, metadata, actor and evidence, with AES-256-GCM under a key of the tenant, bound to the
/// memory's scope and id so that rows cannot be swapped. What it leaves readable, so that the store can do its work: ids, kinds, tags, source, trust,
/// importance, times, links; and, as the options say, keyed hashes of the words, and vectors.
/// </summary>
/// <remarks>
/// Safe for concurrent use. Filters on metadata are refused, and <see cref="MemoryStats.TextBytes"/> counts the hashes. A key must wrap fewer than 2^32
/// writes: rotate it long before. The inner store needs wider limits than these (<see cref="Widen"/>).
/// </remarks>
public sealed class EncryptedMemoryStore : IMemoryStore, IAsyncDisposable, IDisposable
{
    private const int MostAttempts = 16;
    private const long NoVersion = long.MaxValue; // that no memory has
    private readonly IMemoryStore _inner;
    private readonly TenantKeys _keys;
    private readonly Cipher _cipher;
    private readonly MemoryLimits _limits;
    private readonly TimeProvider _clock;

    /// <summary>Creates a store over another one.</summary>
    /// <param name="inner">The store that keeps the ciphertext; disposed with this one.</param>
    /// <param name="keys">What wraps the tenants' keys.</param>
    /// <param name="options">What stays searchable; <see langword="null"/>: the defaults.</param>
    /// <param name="limits">How large memories may be; <see langword="null"/>: the defaults.</param>
    /// <param name="clock">The clock; <see langword="null"/>: the system's.</param>
    public EncryptedMemoryStore(IMemoryStore inner, IMemoryKeyProvider keys, MemoryEncryptionOptions? options = null, MemoryLimits? limits = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(keys);
        _inner = inner;
        _keys = new TenantKeys(inner, keys);
        _cipher = new Cipher(_keys, options ?? new MemoryEncryptionOptions());
        _limits = limits ?? new MemoryLimits();
        _clock = clock ?? TimeProvider.System;
    }

    private MemoryCheck Check => new(_limits, _clock);

    /// <summary>The limits a store needs to hold what these limits allow, encrypted.</summary>
    /// <param name="limits">The limits of the memories.</param>
    /// <returns>The limits of the inner store.</returns>
    public static MemoryLimits Widen(MemoryLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return new MemoryLimits
        {
            TextBytes = (int)Math.Min(int.MaxValue, 11L * limits.TextBytes) + 32, // a word of one letter and its space become 21 characters
            MetadataBytes = (int)Math.Min(int.MaxValue / 2, 9L * (limits.TextBytes + limits.MetadataBytes + 131_072)), // escaped in JSON, in base64
            MetadataKeys = Math.Max(1, limits.MetadataKeys),
            MetadataDepth = limits.MetadataDepth,
            Tags = limits.Tags,
            TagLength = limits.TagLength,
            Dimensions = limits.Dimensions,
            Operations = Math.Max(64, limits.Operations),
            Results = limits.Results,
        };
    }

    /// <summary>Gives a tenant a new key for what is written from now on; what was written stays readable.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is done.</returns>
    public ValueTask RotateAsync(string tenant, CancellationToken cancellationToken = default) => _keys.RotateAsync(tenant, cancellationToken);

    /// <summary>Wraps a tenant's keys with the present key of the key provider; no memory is touched.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many keys were wrapped.</returns>
    public ValueTask<int> RewrapAsync(string tenant, CancellationToken cancellationToken = default) => _keys.RewrapAsync(tenant, cancellationToken);

    /// <summary>
    /// Destroys a tenant's keys: nothing it ever wrote can be read any more, in backups neither. Erase its scopes as well, for what is not encrypted. Other
    /// hosts over the same store that have read the keys hold them until they end: end them first.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is done.</returns>
    public ValueTask DestroyKeysAsync(string tenant, CancellationToken cancellationToken = default) => _keys.DestroyAsync(tenant, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default)
    {
        Check.Transaction(transaction).Throw();
        Refuse(transaction.Scope);
        string? fingerprint = transaction.IdempotencyKey is null ? null : TransactionHash.Of(transaction);
        for (int attempt = 1; ; attempt++)
        {
            MemoryOperation[] sealedOnes = new MemoryOperation[transaction.Operations.Count];
            for (int i = 0; i < sealedOnes.Length; i++)
            {
                sealedOnes[i] = await SealAsync(transaction.Scope, transaction.Operations[i], cancellationToken).ConfigureAwait(false);
            }

            try
            {
                return await _inner.ExecuteAsync(transaction with { Operations = sealedOnes, Fingerprint = fingerprint }, cancellationToken).ConfigureAwait(false);
            }
            catch (MemoryConflictException e) when (attempt < MostAttempts && e.Current is { } current && transaction.Operations[e.Index] is MemoryPatch asked && (asked.ExpectedVersion ?? current) == current)
            {
                // Changed between reading and patching, to a version the caller does not mind.
            }
            catch (MemoryConflictException e) when (e.Expected == NoVersion)
            {
                throw new MemoryConflictException(e.Index, e.Id, ((MemoryPatch)transaction.Operations[e.Index]).ExpectedVersion, e.Current);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<MemoryRecord?> GetAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default)
    {
        Refuse(scope);
        return await _inner.GetAsync(scope, id, cancellationToken).ConfigureAwait(false) is { } record ? await _cipher.OpenAsync(scope, record, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<MemoryRecord>> GetHistoryAsync(MemoryScope scope, string id, CancellationToken cancellationToken = default)
    {
        Refuse(scope);
        return await OpenAsync(scope, await _inner.GetHistoryAsync(scope, id, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<MemoryEdge>> GetRelatedAsync(MemoryScope scope, string id, MemoryRelatedOptions? options = null, CancellationToken cancellationToken = default)
    {
        Refuse(scope);
        return _inner.GetRelatedAsync(scope, id, options, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<MemoryPage> ListAsync(MemoryScope scope, MemoryListOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check.List(scope, options ?? new MemoryListOptions()).Throw();
        Refuse(scope, options?.Filter);
        MemoryPage page = await _inner.ListAsync(scope, options, cancellationToken).ConfigureAwait(false);
        return page with { Records = await OpenAsync(scope, page.Records, cancellationToken).ConfigureAwait(false) };
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<MemoryRecord> ReadAllAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default)
    {
        Check.Deletion(scope, filter, everything: true).Throw();
        Refuse(scope, filter);
        return ReadAsync(scope, filter, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default)
    {
        Check.Query(scope, query).Throw();
        Refuse(scope, query.Filter);
        MemoryQuery blind = query with { Text = await _cipher.WordsAsync(scope, query.Text, cancellationToken).ConfigureAwait(false) };
        if (blind is { Text: null, Mode: MemorySearchMode.Keyword } or { Text: null, Vector: null })
        {
            return [];
        }

        IReadOnlyList<MemoryMatch> found = await _inner.SearchAsync(scope, blind, cancellationToken).ConfigureAwait(false);
        List<MemoryMatch> opened = [];
        foreach (MemoryMatch match in found)
        {
            opened.Add(match with { Record = await _cipher.OpenAsync(scope, match.Record, cancellationToken).ConfigureAwait(false) });
        }

        return opened;
    }

    /// <inheritdoc/>
    public ValueTask<MemoryStats> GetStatsAsync(MemoryScope scope, CancellationToken cancellationToken = default)
    {
        Refuse(scope);
        return _inner.GetStatsAsync(scope, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListTagsAsync(MemoryScope scope, string prefix = "", int top = 100, CancellationToken cancellationToken = default)
    {
        Refuse(scope);
        return _inner.ListTagsAsync(scope, prefix, top, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<MemoryScope> ListScopesAsync(string? tenant, string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (MemoryScope scope in _inner.ListScopesAsync(tenant, prefix, cancellationToken).ConfigureAwait(false))
        {
            if (scope.Namespace != TenantKeys.Namespace)
            {
                yield return scope;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> DeleteAsync(MemoryScope scope, MemoryFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        Refuse(scope, filter);
        return _inner.DeleteAsync(scope, filter, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> EraseAsync(MemoryScope scope, MemoryFilter? filter = null, CancellationToken cancellationToken = default)
    {
        Refuse(scope, filter);
        return _inner.EraseAsync(scope, filter, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<int> PurgeExpiredAsync(CancellationToken cancellationToken = default) => _inner.PurgeExpiredAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask CheckAsync(CancellationToken cancellationToken = default) => _inner.CheckAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_inner is IAsyncDisposable later)
        {
            await later.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            (_inner as IDisposable)?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async IAsyncEnumerable<MemoryRecord> ReadAsync(MemoryScope scope, MemoryFilter? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (MemoryRecord record in _inner.ReadAllAsync(scope, filter, cancellationToken).ConfigureAwait(false))
        {
            yield return await _cipher.OpenAsync(scope, record, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<IReadOnlyList<MemoryRecord>> OpenAsync(MemoryScope scope, IReadOnlyList<MemoryRecord> records, CancellationToken cancellationToken)
    {
        List<MemoryRecord> opened = new(records.Count);
        foreach (MemoryRecord record in records)
        {
            opened.Add(await _cipher.OpenAsync(scope, record, cancellationToken).ConfigureAwait(false));
        }

        return opened;
    }

    private async ValueTask<MemoryOperation> SealAsync(MemoryScope scope, MemoryOperation operation, CancellationToken cancellationToken)
    {
        switch (operation)
        {
            case MemoryUpsert upsert:
                MemoryRecord named = upsert.Record with { Id = Step.IdOf(upsert, _clock.GetUtcNow()) };
                return upsert with { Record = await _cipher.SealAsync(scope, named, cancellationToken).ConfigureAwait(false) };
            case MemoryPatch { Vector: not null } patch when !_cipher.KeepsVectors && patch is not { Text: null, Tags: null, Metadata: null, Importance: null, Expires: null, Archived: null }:
                return await SealAsync(scope, patch with { Vector = null, VectorSpace = null }, cancellationToken).ConfigureAwait(false);
            case MemoryEmbed or MemoryPatch { Vector: not null } when !_cipher.KeepsVectors:
                throw new MemoryValidationException(["vector: this store keeps none, as its encryption options say."]);
            case MemoryPatch patch when patch.Text is not null || patch.Metadata is not null:
                return await SealPatchAsync(scope, patch, cancellationToken).ConfigureAwait(false);
            default:
                return operation;
        }
    }

    /// <summary>A patch of what is sealed needs what is there: it becomes one of that very version.</summary>
    private async ValueTask<MemoryPatch> SealPatchAsync(MemoryScope scope, MemoryPatch patch, CancellationToken cancellationToken)
    {
        if (await GetAsync(scope, patch.Id, cancellationToken).ConfigureAwait(false) is not { } current || (patch.ExpectedVersion is { } expected && expected != current.Version))
        {
            return new MemoryPatch(patch.Id) { Importance = 0.5, ExpectedVersion = NoVersion }; // the store refuses it, whatever is there by then, or knows the key and gives the first outcome
        }

        Step step = Step.Decide(0, patch, current, _clock.GetUtcNow());
        MemoryRecord after = await _cipher.SealAsync(scope, step.After!, cancellationToken).ConfigureAwait(false);
        return patch with
        {
            Text = patch.Text is null ? null : after.Text,
            Metadata = after.Metadata,
            Vector = patch.Vector is null ? null : after.Vector,
            VectorSpace = patch.Vector is null ? null : after.VectorSpace,
            ExpectedVersion = current.Version,
        };
    }

    private static void Refuse(MemoryScope scope, MemoryFilter? filter = null)
    {
        if (scope?.Namespace == TenantKeys.Namespace)
        {
            throw new MemoryValidationException([$"namespace: '{TenantKeys.Namespace}' holds the tenants' keys; take another one."]);
        }

        if (filter?.Metadata.Count > 0)
        {
            throw new MemoryValidationException(["filter.metadata: metadata is encrypted in this store; filter by kind, tags or source."]);
        }
    }
}
