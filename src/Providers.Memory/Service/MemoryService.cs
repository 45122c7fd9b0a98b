using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace Providers.Memory;

/// <inheritdoc/>
internal sealed class MemoryService : IMemoryService
{
    private readonly MemoryOptions _options;
    private readonly Embedder _embedder;
    private readonly IReranker? _reranker;
    private readonly TimeProvider _clock;

    public MemoryService(IMemoryStore store, IEmbeddingGenerator<string, Embedding<float>> generator, IOptions<MemoryOptions> options, IReranker? reranker = null, TimeProvider? clock = null)
    {
        Store = store;
        _options = options.Value;
        _embedder = new Embedder(generator, _options);
        _reranker = reranker;
        _clock = clock ?? TimeProvider.System;
    }

    public IMemoryStore Store { get; }

    public async ValueTask<MemoryReceipt> StoreAsync(MemoryScope scope, MemoryRecord record, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        MemoryTransaction transaction = await EmbedAsync(new MemoryTransaction(scope, [new MemoryUpsert(record)]) { IdempotencyKey = idempotencyKey }, cancellationToken).ConfigureAwait(false);
        MemoryRecord embedded = ((MemoryUpsert)transaction.Operations[0]).Record;
        if (_options.Duplicates is DuplicateHandling.Merge && embedded.Id.Length == 0 && await FindTwinAsync(scope, embedded, cancellationToken).ConfigureAwait(false) is { } twin)
        {
            MemoryPatch merge = new(twin.Id)
            {
                ExpectedVersion = twin.Version,
                Tags = [.. twin.Tags.Union(embedded.Tags).Take(_options.Limits.Tags)],
                Metadata = embedded.Metadata ?? twin.Metadata,
                Importance = Math.Max(twin.Importance, embedded.Importance),
            };
            MemoryTransactionResult merged = await Store.ExecuteAsync(new MemoryTransaction(scope, [merge]) { IdempotencyKey = idempotencyKey }, cancellationToken).ConfigureAwait(false);
            return new MemoryReceipt(twin.Id, merged.Outcomes[0].Version, false) { DuplicateOf = twin.Id };
        }

        MemoryOutcome outcome = (await Store.ExecuteAsync(transaction, cancellationToken).ConfigureAwait(false)).Outcomes[0];
        return new MemoryReceipt(outcome.Id, outcome.Version, outcome.Change is MemoryChange.Created);
    }

    public async ValueTask<MemoryTransactionResult> ExecuteAsync(MemoryTransaction transaction, CancellationToken cancellationToken = default) =>
        await Store.ExecuteAsync(await EmbedAsync(transaction, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken = default)
    {
        new MemoryCheck(_options.Limits, _clock).Query(scope, query).Throw();
        if (query is { Vector: null, Mode: not MemorySearchMode.Keyword, Text: { } text })
        {
            (string space, IReadOnlyList<ReadOnlyMemory<float>> vectors) = await _embedder.EmbedAsync([text], cancellationToken).ConfigureAwait(false);
            query = query with { Vector = vectors[0], VectorSpace = space };
        }

        int wide = Math.Min(_options.Limits.Results, Math.Max(query.Top * 3, _reranker is null ? 0 : _options.RerankCandidates));
        IReadOnlyList<MemoryMatch> found = await Store.SearchAsync(scope, query with { Top = Math.Max(query.Top, wide), MinScore = 0 }, cancellationToken).ConfigureAwait(false);
        found = await RerankAsync(query.Text, found, cancellationToken).ConfigureAwait(false);
        List<MemoryMatch> ranked = Ranking.Weigh(found, _options, _clock.GetUtcNow());
        return Ranking.Diversify([.. ranked.Where(m => m.Score >= query.MinScore)], _options.Variety, query.Top);
    }

    private async ValueTask<IReadOnlyList<MemoryMatch>> RerankAsync(string? text, IReadOnlyList<MemoryMatch> found, CancellationToken cancellationToken)
    {
        int count = Math.Min(_options.RerankCandidates, found.Count);
        if (_reranker is null || count < 2 || string.IsNullOrWhiteSpace(text))
        {
            return found;
        }

        IReadOnlyList<RerankResult> scores = await _reranker.RerankAsync(text, [.. found.Take(count).Select(static m => m.Record.Text)], null, cancellationToken).ConfigureAwait(false);
        double best = scores.Max(static s => s.Score), worst = scores.Min(static s => s.Score), width = Math.Max(1e-9, best - worst);
        return
        [
            .. scores.Select(s => found[s.Index] with { Score = 0.01 + (0.99 * (s.Score - worst) / width), Factors = new Dictionary<string, double> { ["rerank"] = s.Score } }),
            .. found.Skip(count).Select(static m => m with { Score = m.Score * 0.01 }), // after all that were reranked
        ];
    }

    private async ValueTask<MemoryRecord?> FindTwinAsync(MemoryScope scope, MemoryRecord record, CancellationToken cancellationToken)
    {
        IReadOnlyList<MemoryMatch> nearest = await Store.SearchAsync(
            scope,
            new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = record.Vector, VectorSpace = record.VectorSpace, Top = 1, Filter = new MemoryFilter { Kinds = [record.Kind] } },
            cancellationToken).ConfigureAwait(false);
        return nearest is [{ VectorScore: { } score } match] && score >= _options.DuplicateSimilarity ? match.Record : null;
    }

    /// <summary>Embeds every text that comes without a vector, in one batch; what is wrong is refused before a model is asked.</summary>
    private async ValueTask<MemoryTransaction> EmbedAsync(MemoryTransaction transaction, CancellationToken cancellationToken)
    {
        new MemoryCheck(_options.Limits, _clock).Transaction(transaction).Throw();
        List<(int Index, string Text)> bare = [];
        for (int i = 0; i < transaction.Operations.Count; i++)
        {
            if (transaction.Operations[i] is MemoryUpsert { Record: { Vector: null, Text: var text } })
            {
                bare.Add((i, text));
            }
            else if (transaction.Operations[i] is MemoryPatch { Vector: null, Text: { } changed })
            {
                bare.Add((i, changed));
            }
        }

        if (bare.Count == 0)
        {
            return transaction;
        }

        (string space, IReadOnlyList<ReadOnlyMemory<float>> vectors) = await _embedder.EmbedAsync([.. bare.Select(static b => b.Text)], cancellationToken).ConfigureAwait(false);
        MemoryOperation[] operations = [.. transaction.Operations];
        for (int i = 0; i < bare.Count; i++)
        {
            operations[bare[i].Index] = operations[bare[i].Index] switch
            {
                MemoryUpsert upsert => upsert with { Record = upsert.Record with { Vector = vectors[i], VectorSpace = space } },
                MemoryPatch patch => patch with { Vector = vectors[i], VectorSpace = space },
                var other => other,
            };
        }

        return transaction with { Operations = operations };
    }
}
