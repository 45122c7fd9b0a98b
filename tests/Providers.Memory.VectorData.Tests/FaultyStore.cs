using System.Linq.Expressions;
using Microsoft.Extensions.VectorData;

namespace Providers.Memory.VectorData.Tests;

/// <summary>A vector store whose N-th call fails.</summary>
internal sealed class FaultyStore(VectorStore inner) : VectorStore
{
    private int _left;
    private bool _afterDoing;

    public Action? OnCall { get; init; }

    /// <summary>Says which call from now on fails, and whether it does its work first; 0: none.</summary>
    public void FailAt(int call, bool afterDoing) => (_left, _afterDoing) = (call, afterDoing);

    public async Task CallAsync(Func<Task> act)
    {
        OnCall?.Invoke();
        bool fails = _left > 0 && --_left == 0;
        if (!fails || _afterDoing)
        {
            await act();
        }

        if (fails)
        {
            throw new VectorStoreException("the connection was lost");
        }
    }

    public override VectorStoreCollection<object, Dictionary<string, object?>> GetDynamicCollection(string name, VectorStoreCollectionDefinition definition) => new Collection(this, inner.GetDynamicCollection(name, definition));

    public override VectorStoreCollection<TKey, TRecord> GetCollection<TKey, TRecord>(string name, VectorStoreCollectionDefinition? definition = null) => throw new NotSupportedException();

    public override async IAsyncEnumerable<string> ListCollectionNamesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await CallAsync(static () => Task.CompletedTask);
        await foreach (string name in inner.ListCollectionNamesAsync(cancellationToken))
        {
            yield return name;
        }
    }

    public override Task<bool> CollectionExistsAsync(string name, CancellationToken cancellationToken = default) => inner.CollectionExistsAsync(name, cancellationToken);

    public override Task EnsureCollectionDeletedAsync(string name, CancellationToken cancellationToken = default) => inner.EnsureCollectionDeletedAsync(name, cancellationToken);

    public override object? GetService(Type serviceType, object? serviceKey = null) => inner.GetService(serviceType, serviceKey);

    private sealed class Collection(FaultyStore store, VectorStoreCollection<object, Dictionary<string, object?>> inner) : VectorStoreCollection<object, Dictionary<string, object?>>
    {
        public override string Name => inner.Name;

        public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => inner.CollectionExistsAsync(cancellationToken);

        public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => store.CallAsync(() => inner.EnsureCollectionExistsAsync(cancellationToken));

        public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) => inner.EnsureCollectionDeletedAsync(cancellationToken);

        public override Task<Dictionary<string, object?>?> GetAsync(object key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) => inner.GetAsync(key, options, cancellationToken);

        public override async IAsyncEnumerable<Dictionary<string, object?>> GetAsync(
            Expression<Func<Dictionary<string, object?>, bool>> filter, int top, FilteredRecordRetrievalOptions<Dictionary<string, object?>>? options = null,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await store.CallAsync(static () => Task.CompletedTask);
            await foreach (Dictionary<string, object?> record in inner.GetAsync(filter, top, options, cancellationToken))
            {
                yield return record;
            }
        }

        public override Task DeleteAsync(object key, CancellationToken cancellationToken = default) => store.CallAsync(() => inner.DeleteAsync(key, cancellationToken));

        public override Task DeleteAsync(IEnumerable<object> keys, CancellationToken cancellationToken = default) => store.CallAsync(() => inner.DeleteAsync(keys, cancellationToken));

        public override Task UpsertAsync(Dictionary<string, object?> record, CancellationToken cancellationToken = default) => store.CallAsync(() => inner.UpsertAsync(record, cancellationToken));

        public override Task UpsertAsync(IEnumerable<Dictionary<string, object?>> records, CancellationToken cancellationToken = default) => store.CallAsync(() => inner.UpsertAsync(records, cancellationToken));

        public override IAsyncEnumerable<VectorSearchResult<Dictionary<string, object?>>> SearchAsync<TInput>(
            TInput searchValue, int top, VectorSearchOptions<Dictionary<string, object?>>? options = null, CancellationToken cancellationToken = default) => inner.SearchAsync(searchValue, top, options, cancellationToken);

        public override object? GetService(Type serviceType, object? serviceKey = null) => inner.GetService(serviceType, serviceKey);
    }
}
