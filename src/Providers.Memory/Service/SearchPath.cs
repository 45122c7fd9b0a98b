namespace Providers.Memory;

/// <summary>A search of the service: redacted and embedded, asked of the store, reranked, weighed, varied.</summary>
internal sealed class SearchPath(IMemoryStore store, Embedder embedder, MemoryParts parts, MemoryOptions options, TimeProvider clock)
{
    private readonly Redaction _redaction = new(parts.Redactors);
    private readonly PreviousSpace? _previous = parts.Previous is { } generator ? new PreviousSpace(store, new Embedder(generator, null), embedder) : null;

    public async ValueTask<IReadOnlyList<MemoryMatch>> SearchAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken)
    {
        new MemoryCheck(options.Limits, clock).Query(scope, query).Open(scope).Throw();
        MemoryQuery asked = query with { Text = query.Text is { } words ? _redaction.Apply(words) : null };
        if (asked is { Vector: null, Mode: not MemorySearchMode.Keyword, Text: { } text })
        {
            (string space, IReadOnlyList<ReadOnlyMemory<float>> vectors) = await embedder.EmbedAsync([text], cancellationToken).ConfigureAwait(false);
            asked = vectors[0].Span.IndexOfAnyExcept(0f) < 0 ? asked : asked with { Vector = vectors[0], VectorSpace = space };
        }

        int wide = Math.Min(options.Limits.Results, Math.Max(query.Top * 3, parts.Reranker is null ? 0 : options.RerankCandidates));
        asked = asked with { Top = Math.Max(query.Top, wide), MinScore = 0 };
        IReadOnlyList<MemoryMatch> found = await FindAsync(scope, asked, cancellationToken).ConfigureAwait(false);
        if (scope.IsSession)
        {
            found = [.. found.Concat(await FindAsync(scope.LongTerm, asked, cancellationToken).ConfigureAwait(false)).OrderByDescending(static m => m.Score).Take(asked.Top)];
        }

        found = await RerankAsync(asked.Text, [.. found.Where(m => !(m.Record.Provenance?.Trust < options.MinTrust))], cancellationToken).ConfigureAwait(false);
        List<MemoryMatch> ranked = Ranking.Weigh(found, options, clock.GetUtcNow());
        return Ranking.Diversify([.. ranked.Where(m => m.Score >= query.MinScore)], options.Variety, query.Top);
    }

    private async ValueTask<IReadOnlyList<MemoryMatch>> FindAsync(MemoryScope scope, MemoryQuery query, CancellationToken cancellationToken)
    {
        IReadOnlyList<MemoryMatch> found = await store.SearchAsync(scope, query, cancellationToken).ConfigureAwait(false);
        return _previous is null ? found : await _previous.AddAsync(scope, query, found, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<IReadOnlyList<MemoryMatch>> RerankAsync(string? text, IReadOnlyList<MemoryMatch> found, CancellationToken cancellationToken)
    {
        int count = Math.Min(options.RerankCandidates, found.Count);
        if (parts.Reranker is null || count < 2 || string.IsNullOrWhiteSpace(text))
        {
            return found;
        }

        IReadOnlyList<RerankResult> scores = await parts.Reranker.RerankAsync(text, [.. found.Take(count).Select(static m => m.Record.Text)], null, cancellationToken).ConfigureAwait(false);
        double best = scores.Max(static s => s.Score), worst = scores.Min(static s => s.Score), width = Math.Max(1e-9, best - worst);
        return
        [
            .. scores.Select(s => found[s.Index] with { Score = 0.01 + (0.99 * (s.Score - worst) / width), Factors = new Dictionary<string, double> { ["rerank"] = s.Score } }),
            .. found.Skip(count).Select(static m => m with { Score = m.Score * 0.01 }), // after all that were reranked
        ];
    }
}
