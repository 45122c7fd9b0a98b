using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.VectorData;

namespace Providers.Memory.VectorData;

/// <summary>
/// Rows in the collections of a vector store, one collection for each number of dimensions. Several changes are written down in one row, the journal, before the
/// first is made: whoever opens the store next makes them again, so that all of them happen or none. One caller at a time.
/// </summary>
internal sealed class RowStore(VectorStore store, VectorDataMemoryOptions options)
{
    private const int Page = 1_000;
    private const string JournalName = "journal";
    private const string Group = "group";
    private const string Name = "name";
    private static readonly MethodInfo s_field = typeof(Dictionary<string, object?>).GetMethod("get_Item")!;
    private readonly Dictionary<int, VectorStoreCollection<object, Dictionary<string, object?>>> _collections = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal); // the dimensions of the collection a row lies in

    /// <summary>Finishes what a journal says was begun, and reads every row.</summary>
    public async Task<List<StoredRow>> OpenAsync(CancellationToken cancellationToken)
    {
        List<StoredRow> rows = await ReadAsync(cancellationToken).ConfigureAwait(false);
        if (rows.Find(static r => r.Group == StoredRow.Journal) is not { } journal)
        {
            return rows;
        }

        await ApplyAsync(JournalJson.Read(journal.Json), cancellationToken).ConfigureAwait(false);
        await ApplyAsync([new RowChange(JournalName, null)], cancellationToken).ConfigureAwait(false);
        return await ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes changes, all or none.</summary>
    public async Task WriteAsync(IReadOnlyList<RowChange> changes, CancellationToken cancellationToken)
    {
        bool one = changes is [var only] && (only.Row is null || !_places.TryGetValue(only.Name, out int place) || place == only.Row.Vector.Length);
        if (!one && changes.Count > 0)
        {
            await ApplyAsync([new RowChange(JournalName, new StoredRow(JournalName, StoredRow.Journal, JournalJson.Write(changes), StoredRow.NoVector))], cancellationToken).ConfigureAwait(false);
        }

        await ApplyAsync(changes, cancellationToken).ConfigureAwait(false);
        if (!one && changes.Count > 0)
        {
            await ApplyAsync([new RowChange(JournalName, null)], cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ApplyAsync(IReadOnlyList<RowChange> changes, CancellationToken cancellationToken)
    {
        // what moves leaves its old place first: lying in both, one of them would be forgotten by whoever reads the rows after a fault
        foreach (var rows in changes.Where(c => _places.TryGetValue(c.Name, out int place) && place != c.Row?.Vector.Length).GroupBy(c => _places[c.Name]))
        {
            VectorStoreCollection<object, Dictionary<string, object?>> collection = await CollectionAsync(rows.Key, cancellationToken).ConfigureAwait(false);
            await collection.DeleteAsync([.. rows.Select(c => KeyOf(c.Name))], cancellationToken).ConfigureAwait(false);
        }

        foreach (var rows in changes.Where(static c => c.Row is not null).GroupBy(static c => c.Row!.Vector.Length))
        {
            VectorStoreCollection<object, Dictionary<string, object?>> collection = await CollectionAsync(rows.Key, cancellationToken).ConfigureAwait(false);
            await collection.UpsertAsync([.. rows.Select(c => Fields(c.Row!))], cancellationToken).ConfigureAwait(false);
        }

        foreach (RowChange change in changes)
        {
            if (change.Row is { } row)
            {
                _places[change.Name] = row.Vector.Length;
            }
            else
            {
                _places.Remove(change.Name);
            }
        }
    }

    private async Task<List<StoredRow>> ReadAsync(CancellationToken cancellationToken)
    {
        _places.Clear();
        List<int> dimensions = [];
        await foreach (string name in store.ListCollectionNamesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (name.StartsWith(options.CollectionName + "-", StringComparison.Ordinal)
                && int.TryParse(name.AsSpan(options.CollectionName.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int size))
            {
                dimensions.Add(size);
            }
        }

        List<StoredRow> rows = [];
        foreach (int size in dimensions)
        {
            VectorStoreCollection<object, Dictionary<string, object?>> collection = await CollectionAsync(size, cancellationToken).ConfigureAwait(false);
            foreach (string group in (string[])[StoredRow.Memory, StoredRow.Key, StoredRow.Fact, StoredRow.Journal])
            {
                await ReadAsync(collection, group, rows, cancellationToken).ConfigureAwait(false);
            }
        }

        return rows;
    }

    private async Task ReadAsync(VectorStoreCollection<object, Dictionary<string, object?>> collection, string group, List<StoredRow> rows, CancellationToken cancellationToken)
    {
        for (int skip = 0; ; skip += Page)
        {
            FilteredRecordRetrievalOptions<Dictionary<string, object?>> next = new() { Skip = skip, OrderBy = static o => o.Ascending(static r => r[Name]!), IncludeVectors = true };
            int count = 0;
            await foreach (Dictionary<string, object?> fields in collection.GetAsync(InGroup(group), Page, next, cancellationToken).ConfigureAwait(false))
            {
                StoredRow row = new((string)fields[Name]!, group, (string)fields["json"]!, (ReadOnlyMemory<float>)fields["vector"]!);
                _places[row.Name] = row.Vector.Length;
                rows.Add(row);
                count++;
            }

            if (count < Page)
            {
                return;
            }
        }
    }

    /// <summary>r => (string)r["group"] == group, written out: in a lambda, the tool that changes code to try the tests would put switches no store can translate.</summary>
    private static Expression<Func<Dictionary<string, object?>, bool>> InGroup(string group)
    {
        ParameterExpression row = Expression.Parameter(typeof(Dictionary<string, object?>), "r");
        return Expression.Lambda<Func<Dictionary<string, object?>, bool>>(
            Expression.Equal(Expression.Convert(Expression.Call(row, s_field, Expression.Constant(Group)), typeof(string)), Expression.Constant(group)), row);
    }

    private async ValueTask<VectorStoreCollection<object, Dictionary<string, object?>>> CollectionAsync(int dimensions, CancellationToken cancellationToken)
    {
        if (!_collections.TryGetValue(dimensions, out VectorStoreCollection<object, Dictionary<string, object?>>? collection))
        {
            collection = store.GetDynamicCollection(string.Create(CultureInfo.InvariantCulture, $"{options.CollectionName}-{dimensions}"), new VectorStoreCollectionDefinition
            {
                Properties =
                [
                    new VectorStoreKeyProperty("key", options.GuidKeys ? typeof(Guid) : typeof(string)),
                    new VectorStoreDataProperty(Group, typeof(string)) { IsIndexed = true },
                    new VectorStoreDataProperty(Name, typeof(string)) { IsIndexed = true },
                    new VectorStoreDataProperty("json", typeof(string)),
                    new VectorStoreVectorProperty("vector", typeof(ReadOnlyMemory<float>), dimensions) { DistanceFunction = DistanceFunction.CosineSimilarity },
                ],
            });
            await collection.EnsureCollectionExistsAsync(cancellationToken).ConfigureAwait(false);
            _collections[dimensions] = collection;
        }

        return collection;
    }

    private Dictionary<string, object?> Fields(StoredRow row) => new()
    {
        ["key"] = KeyOf(row.Name),
        [Group] = row.Group,
        [Name] = row.Name,
        ["json"] = row.Json,
        ["vector"] = row.Vector,
    };

    /// <summary>A key every store takes: names have characters that some of them refuse.</summary>
    private object KeyOf(string name)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        return options.GuidKeys ? new Guid(hash.AsSpan(0, 16)) : Convert.ToHexStringLower(hash.AsSpan(0, 16));
    }
}
