namespace Providers.Memory;

/// <summary>Moves the memories of a scope into the present model's space. What is done is seen from the memories alone, so that it can end at any moment.</summary>
internal sealed class Reembedding(IMemoryStore store, Embedder embedder)
{
    private const int Batch = 128;

    public async Task<long> RunAsync(MemoryScope scope, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        string space = await embedder.SpaceAsync(cancellationToken).ConfigureAwait(false);
        MemoryListOptions options = new() { Limit = Batch, Filter = new MemoryFilter { State = MemoryState.Any, OutsideSpace = space } };
        long done = 0;
        while (true)
        {
            MemoryPage page = await store.ListAsync(scope, options, cancellationToken).ConfigureAwait(false);
            if (page.Records.Count > 0)
            {
                (string now, IReadOnlyList<ReadOnlyMemory<float>> vectors) = await embedder.EmbedAsync([.. page.Records.Select(static r => r.Text)], cancellationToken).ConfigureAwait(false);
                if (now != space)
                {
                    throw new InvalidOperationException($"The embedding model changed from '{space}' to '{now}' while memories were embedded; start again.");
                }

                done += await WriteAsync(
                    scope,
                    [.. page.Records.Select((r, i) => (r, i)).Where(p => vectors[p.i].Span.IndexOfAnyExcept(0f) >= 0).Select(p => new MemoryEmbed(p.r.Id, vectors[p.i], space) { ExpectedVersion = p.r.Version })],
                    cancellationToken).ConfigureAwait(false);
                progress?.Report(done);
            }

            if (page.NextCursor is null)
            {
                return done;
            }

            options = options with { Cursor = page.NextCursor };
        }
    }

    private async Task<int> WriteAsync(MemoryScope scope, List<MemoryOperation> operations, CancellationToken cancellationToken)
    {
        while (operations.Count > 0)
        {
            try
            {
                await store.ExecuteAsync(new MemoryTransaction(scope, operations), cancellationToken).ConfigureAwait(false);
                return operations.Count;
            }
            catch (MemoryConflictException e)
            {
                operations.RemoveAt(e.Index); // changed or deleted meanwhile: whoever did it embedded it, or it is gone
            }
        }

        return 0;
    }
}
