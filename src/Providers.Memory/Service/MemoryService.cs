using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace Providers.Memory;

/// <inheritdoc/>
internal sealed class MemoryService : IMemoryService
{
    private const int MostMerges = 16;
    private readonly MemoryOptions _options;
    private readonly Embedder _embedder;
    private readonly WritePath _writes;
    private readonly SearchPath _searches;
    private readonly SourceQuota _quota;
    private readonly TimeProvider _clock;

    public MemoryService(IMemoryStore store, IEmbeddingGenerator<string, Embedding<float>> generator, IOptions<MemoryOptions> options, MemoryParts? parts = null, TimeProvider? clock = null)
    {
        parts ??= new MemoryParts();
        Store = store;
        _options = options.Value;
        _clock = clock ?? TimeProvider.System;
        _embedder = new Embedder(generator, _options.VectorSpace);
        _writes = new WritePath(_embedder, new Redaction(parts.Redactors), _options, _clock);
        _searches = new SearchPath(store, _embedder, parts, _options, _clock);
        _quota = new SourceQuota(_options, _clock);
    }

    public IMemoryStore Store { get; }

    public ValueTask<MemoryReceipt> StoreAsync(MemoryScope scope, MemoryRecord record, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        StoreAsync(scope, record, idempotencyKey, null, cancellationToken);

    /// <summary>Stores one memory; <paramref name="fingerprint"/> is what a repeated call is known by, <see langword="null"/>: the memory itself.</summary>
    internal async ValueTask<MemoryReceipt> StoreAsync(MemoryScope scope, MemoryRecord record, string? idempotencyKey, string? fingerprint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        RefuseReserved(scope);
        MemoryTransaction transaction = new(scope, [new MemoryUpsert(record)]) { IdempotencyKey = idempotencyKey, Fingerprint = fingerprint };
        _quota.Enter(transaction);
        transaction = await _writes.PrepareAsync(transaction, cancellationToken).ConfigureAwait(false);
        MemoryRecord embedded = ((MemoryUpsert)transaction.Operations[0]).Record;
        bool merges = _options.Duplicates is DuplicateHandling.Merge && embedded is { Id.Length: 0, Vector: not null };
        for (int attempt = 1; ; attempt++)
        {
            MemoryRecord? twin = merges ? await FindTwinAsync(scope, embedded, cancellationToken).ConfigureAwait(false) : null;
            try
            {
                MemoryTransaction change = twin is null ? transaction : transaction with { Operations = [Merge(twin, embedded)] };
                MemoryOutcome outcome = (await Store.ExecuteAsync(change, cancellationToken).ConfigureAwait(false)).Outcomes[0]; // of the first call, where its key was used before
                bool created = outcome.Change is MemoryChange.Created;
                return new MemoryReceipt(outcome.Id, outcome.Version, created) { DuplicateOf = merges && !created ? outcome.Id : null };
            }
            catch (MemoryConflictException) when (twin is not null && attempt < MostMerges)
            {
                // Changed or deleted meanwhile: see what is there now.
            }
        }
    }

    public async ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        RefuseReserved(transaction.Scope);
        _quota.Enter(transaction);
        return await Store.ExecuteAsync(await _writes.PrepareAsync(transaction, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default) => _searches.SearchAsync(scope, query, cancellationToken);

    public async ValueTask<MemoryReceipt> RestoreAsync(MemoryScope scope, string id, long version, long? expectedVersion = null, CancellationToken cancellationToken = default)
    {
        RefuseReserved(scope);
        MemoryRecord current = await Store.GetAsync(scope, id, cancellationToken).ConfigureAwait(false) ?? throw new MemoryConflictException(0, id, expectedVersion, null);
        IReadOnlyList<MemoryRecord> history = await Store.GetHistoryAsync(scope, id, cancellationToken).ConfigureAwait(false);
        MemoryRecord earlier = history.FirstOrDefault(v => v.Version == version)
            ?? throw new MemoryValidationException([$"version: {version} of '{id}' was not kept; {(history.Count == 0 ? "none was" : "kept are " + string.Join(", ", history.Select(static v => v.Version)))}."]);
        MemoryRecord restored = earlier with { Expires = current.Expires, Archived = null };
        MemoryTransaction transaction = new(scope, [new MemoryUpsert(restored) { ExpectedVersion = expectedVersion ?? current.Version }]) { KeepHistory = true };
        MemoryOutcome outcome = (await Store.ExecuteAsync(await _writes.PrepareAsync(transaction, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false)).Outcomes[0];
        return new MemoryReceipt(id, outcome.Version, false);
    }

    public Task<long> ExportAsync(MemoryScope scope, Stream destination, MemoryExportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return new Exporter(Store).RunAsync(scope, destination, options ?? new MemoryExportOptions(), cancellationToken);
    }

    public Task<MemoryImportResult> ImportAsync(MemoryScope scope, Stream source, MemoryImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new Importer(Store, _writes, _options.Limits, _clock).RunAsync(scope, source, options ?? new MemoryImportOptions(), cancellationToken);
    }

    public Task<long> ReembedAsync(MemoryScope scope, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        RefuseReserved(scope);
        return new Reembedding(Store, _embedder).RunAsync(scope, progress, cancellationToken);
    }

    /// <summary>Export and import alone go anywhere: a backup holds what the suite keeps of its own, too.</summary>
    private void RefuseReserved(MemoryScope scope) => new MemoryCheck(_options.Limits, _clock).Open(scope).Throw();

    /// <summary>The space of the present model.</summary>
    internal ValueTask<string> SpaceAsync(CancellationToken cancellationToken) => _embedder.SpaceAsync(cancellationToken);

    private MemoryPatch Merge(MemoryRecord twin, MemoryRecord embedded) => new(twin.Id)
    {
        ExpectedVersion = twin.Version,
        Tags = [.. twin.Tags.Union(embedded.Tags).Take(_options.Limits.Tags)],
        Metadata = embedded.Metadata ?? twin.Metadata,
        Importance = Math.Max(twin.Importance, embedded.Importance),
    };

    private async ValueTask<MemoryRecord?> FindTwinAsync(MemoryScope scope, MemoryRecord record, CancellationToken cancellationToken)
    {
        IReadOnlyList<MemoryMatch> nearest = await Store.SearchAsync(
            scope,
            new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = record.Vector, VectorSpace = record.VectorSpace, Top = 1, Filter = new MemoryFilter { Kinds = [record.Kind] } },
            cancellationToken).ConfigureAwait(false);
        return nearest is [{ VectorScore: { } score } match] && score >= _options.DuplicateSimilarity ? match.Record : null;
    }
}
