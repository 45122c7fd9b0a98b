using Orleans.Runtime;
using Orleans.Storage;

namespace Providers.Orchestration.Orleans;

/// <summary>The documents of one grain, by name. May be used from any thread.</summary>
internal sealed class DocumentStore(IGrainStorage storage, GrainId grain)
{
    /// <summary>Reads a document; the tag is what the next write must name, also where there is no document.</summary>
    public async Task<(string? Json, string? ETag)> ReadAsync(string name, CancellationToken cancellationToken)
    {
        GrainState<Document> state = await StateAsync(name, cancellationToken).ConfigureAwait(false);
        return (state.State?.Json is { Length: > 0 } json ? json : null, state.ETag);
    }

    /// <summary>Writes a document over the one with the tag, or where there was none.</summary>
    /// <returns>The new tag.</returns>
    /// <exception cref="InconsistentStateException">The document has another tag.</exception>
    public async Task<string?> WriteAsync(string name, string json, string? etag, CancellationToken cancellationToken)
    {
        GrainState<Document> state = new(new Document { Json = json }, etag) { RecordExists = etag is not null };
        await storage.WriteStateAsync(name, grain, state, cancellationToken).ConfigureAwait(false);
        return state.ETag;
    }

    /// <summary>Writes a document that only one run ever writes, or each with the same text.</summary>
    public async Task PutAsync(string name, string json, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(name, json, null, cancellationToken).ConfigureAwait(false);
        }
        catch (InconsistentStateException)
        {
            (_, string? etag) = await ReadAsync(name, cancellationToken).ConfigureAwait(false); // an earlier try got through
            await WriteAsync(name, json, etag, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task ClearAsync(string name, CancellationToken cancellationToken)
    {
        GrainState<Document> state = await StateAsync(name, cancellationToken).ConfigureAwait(false);
        if (state.State?.Json is { Length: > 0 })
        {
            await storage.ClearStateAsync(name, grain, state, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<GrainState<Document>> StateAsync(string name, CancellationToken cancellationToken)
    {
        GrainState<Document> state = new(new Document());
        await storage.ReadStateAsync(name, grain, state, cancellationToken).ConfigureAwait(false);
        return state;
    }
}
