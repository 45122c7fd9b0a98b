using System.Collections.Concurrent;

namespace Providers.Memory;

/// <summary>Finds what is still in the space of the model before, until a scope has nothing left there.</summary>
internal sealed class PreviousSpace(IMemoryStore store, Embedder previous, Embedder present)
{
    private const int MostRemembered = 10_000;
    private readonly ConcurrentDictionary<MemoryScope, bool> _moved = new();

    /// <summary>Adds the memories of the old space to those found in the new one, as if one ranking by meaning had found both.</summary>
    public async ValueTask<IReadOnlyList<MemoryMatch>> AddAsync(MemoryScope scope, MemoryQuery query, IReadOnlyList<MemoryMatch> found, CancellationToken cancellationToken)
    {
        if (query.Mode is MemorySearchMode.Keyword || string.IsNullOrWhiteSpace(query.Text) || _moved.ContainsKey(scope))
        {
            return found;
        }

        MemoryFilter left = new() { State = MemoryState.Any, OutsideSpace = await present.SpaceAsync(cancellationToken).ConfigureAwait(false) };
        if ((await store.ListAsync(scope, new MemoryListOptions { Limit = 1, Filter = left }, cancellationToken).ConfigureAwait(false)).Records.Count == 0)
        {
            if (_moved.Count >= MostRemembered)
            {
                _moved.Clear(); // sessions come and go
            }

            _moved[scope] = true;
            return found;
        }

        (string space, IReadOnlyList<ReadOnlyMemory<float>> vectors) = await previous.EmbedAsync([query.Text], cancellationToken).ConfigureAwait(false);
        if (vectors[0].Span.IndexOfAnyExcept(0f) < 0)
        {
            return found; // it points nowhere
        }

        IReadOnlyList<MemoryMatch> old = await store.SearchAsync(scope, query with { Mode = MemorySearchMode.Semantic, Vector = vectors[0], VectorSpace = space }, cancellationToken).ConfigureAwait(false);
        return Merge(found, old, query);
    }

    private static List<MemoryMatch> Merge(IReadOnlyList<MemoryMatch> found, IReadOnlyList<MemoryMatch> old, MemoryQuery query)
    {
        Dictionary<string, MemoryMatch> all = found.ToDictionary(static m => m.Record.Id, StringComparer.Ordinal);
        for (int i = 0; i < old.Count; i++)
        {
            double share = query.Mode is MemorySearchMode.Semantic ? old[i].Score : Fusion.Share(i, 2);
            all[old[i].Record.Id] = all.TryGetValue(old[i].Record.Id, out MemoryMatch? known)
                ? known with { Score = Math.Min(1, known.Score + share), VectorScore = old[i].VectorScore }
                : old[i] with { Score = share };
        }

        return [.. all.Values.OrderByDescending(static m => m.Score).ThenBy(static m => m.Record.Id, StringComparer.Ordinal).Take(query.Top)];
    }
}
