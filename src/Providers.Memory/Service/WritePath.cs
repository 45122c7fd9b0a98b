namespace Providers.Memory;

/// <summary>What changes go through before the store: checked, redacted, given a session's expiry, and embedded in one batch.</summary>
internal sealed class WritePath(Embedder embedder, Redaction redaction, MemoryOptions options, TimeProvider clock)
{
    /// <exception cref="MemoryValidationException">A change is wrong; no model was asked.</exception>
    public async ValueTask<MemoryTransaction> PrepareAsync(MemoryTransaction transaction, CancellationToken cancellationToken)
    {
        new MemoryCheck(options.Limits, clock).Transaction(transaction).Throw();
        MemoryOperation[] operations = [.. transaction.Operations.Select(o => Shorten(transaction.Scope, redaction.Apply(o)))];
        List<(int Index, string Text)> bare = [];
        for (int i = 0; i < operations.Length; i++)
        {
            if (operations[i] is MemoryUpsert { Record: { Vector: null, Text: var text } })
            {
                bare.Add((i, text));
            }
            else if (operations[i] is MemoryPatch { Vector: null, Text: { } changed })
            {
                bare.Add((i, changed));
            }
        }

        if (bare.Count > 0)
        {
            (string space, IReadOnlyList<ReadOnlyMemory<float>> vectors) = await embedder.EmbedAsync([.. bare.Select(static b => b.Text)], cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < bare.Count; i++)
            {
                // A vector of zeros points nowhere; such a text is found by its words.
                (ReadOnlyMemory<float>? vector, string? name) = vectors[i].Span.IndexOfAnyExcept(0f) < 0 ? (null, null) : (vectors[i], space);
                operations[bare[i].Index] = operations[bare[i].Index] switch
                {
                    MemoryUpsert upsert => upsert with { Record = upsert.Record with { Vector = vector, VectorSpace = name } },
                    MemoryPatch patch => patch with { Vector = vector, VectorSpace = name },
                    var other => other,
                };
            }
        }

        return transaction with
        {
            Operations = operations,
            KeepHistory = transaction.KeepHistory || options.KeepHistory,
            Fingerprint = transaction.IdempotencyKey is null ? null : TransactionHash.Of(transaction), // of what the caller gave: vectors differ from one embedding to the next
        };
    }

    private MemoryOperation Shorten(MemoryScope scope, MemoryOperation operation) => scope.IsSession && operation is MemoryUpsert { Record.Expires: null } upsert
        ? upsert with { Record = upsert.Record with { Expires = clock.GetUtcNow() + options.SessionLife } }
        : operation;
}
