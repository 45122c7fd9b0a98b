using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace Providers.VectorData;

/// <summary>Records by key and by filter.</summary>
public partial class ProvidersCollection<TKey, TRecord>
{
    /// <inheritdoc/>
    public override Task<TRecord?> GetAsync(TKey key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        RefuseVectors(options?.IncludeVectors);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Operation.Run(Name, "Get", () =>
        {
            Binding binding = Bind("Get");
            return binding.Data.Find(Checked(key)) is { } row ? binding.Mapper.Write<TRecord>(row, options?.IncludeVectors ?? false) : null;
        }));
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<TRecord> GetAsync(
        IEnumerable<TKey> keys, RecordRetrievalOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        RefuseVectors(options?.IncludeVectors);
        await Task.CompletedTask.ConfigureAwait(false);
        Binding binding = Operation.Run(Name, "Get", () => Bind("Get"));
        foreach (TKey key in keys)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Operation.Run(Name, "Get", () => binding.Data.Find(Checked(key))) is { } row)
            {
                yield return binding.Mapper.Write<TRecord>(row, options?.IncludeVectors ?? false);
            }
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<TRecord> GetAsync(
        Expression<Func<TRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<TRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new();
        RefuseVectors(options.IncludeVectors);
        await Task.CompletedTask.ConfigureAwait(false);
        Binding binding = Operation.Run(Name, "Get", () => Bind("Get"));
        IPredicate predicate = new FilterTranslator(_model, binding.Data.Schema).Translate(filter);
        IEnumerable<Row> rows = binding.Data.Rows.Rows().Where(r => predicate.Matches(r, null));
        if (options.OrderBy is { } order)
        {
            rows = Ordered(rows, order(new()).Values, binding.Data.Schema);
        }

        foreach (Row row in rows.Skip(options.Skip).Take(top))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return binding.Mapper.Write<TRecord>(row, options.IncludeVectors);
        }
    }

    /// <inheritdoc/>
    public override Task UpsertAsync(TRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return UpsertAsync([record], cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task UpsertAsync(IEnumerable<TRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        TRecord[] all = [.. records];
        if (all.Length == 0)
        {
            return;
        }

        float[]?[][] generated = await GenerateAsync(all, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        Operation.Run(Name, "Upsert", () =>
        {
            Binding binding = Bind("Upsert");
            binding.Data.Upsert([.. all.Select((r, i) => binding.Mapper.Read(r, [.. generated.Select(g => g.Length == 0 ? null : g[i])]))]);
        });
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(TKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return DeleteAsync([key], cancellationToken);
    }

    /// <inheritdoc/>
    public override Task DeleteAsync(IEnumerable<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        cancellationToken.ThrowIfCancellationRequested();
        Operation.Run(Name, "Delete", () => Bind("Delete").Data.Delete(keys.Select(Checked)));
        return Task.CompletedTask;
    }

    private IOrderedEnumerable<Row> Ordered(
        IEnumerable<Row> rows, IReadOnlyList<FilteredRecordRetrievalOptions<TRecord>.OrderByDefinition.SortInfo> sorts, CollectionSchema schema)
    {
        IOrderedEnumerable<Row> ordered = rows.Order(Comparer<Row>.Create(static (_, _) => 0));
        foreach (FilteredRecordRetrievalOptions<TRecord>.OrderByDefinition.SortInfo sort in sorts)
        {
            PropertyModel property = _model.GetDataOrKeyProperty(sort.PropertySelector);
            int index = schema.DataIndex(property.StorageName);
            if (property is VectorPropertyModel || (property is DataPropertyModel && schema.Data[index].IsList))
            {
                throw new InvalidOperationException($"Records cannot be ordered by property '{property.ModelName}': it holds a vector or a list.");
            }

            (FieldType type, Func<Row, object?> value) = property is KeyPropertyModel
                ? (schema.Key, static r => r.Key)
                : (schema.Data[index].Type, (Func<Row, object?>)(r => r.Value(index)));
            var comparer = Comparer<object?>.Create((x, y) => x is null || y is null ? (x is null ? 0 : 1) - (y is null ? 0 : 1) : type.Compare(x, y));
            ordered = sort.Ascending ? ordered.ThenBy(value, comparer) : ordered.ThenByDescending(value, comparer);
        }

        return ordered;
    }

    /// <summary>One call a property for all records; an input that is null has no vector.</summary>
    private async Task<float[]?[][]> GenerateAsync(TRecord[] records, CancellationToken cancellationToken)
    {
        var generated = new float[]?[_model.VectorProperties.Count][];
        for (int i = 0; i < generated.Length; i++)
        {
            VectorPropertyModel property = _model.VectorProperties[i];
            generated[i] = VectorValue.IsType(property.Type) ? [] : await GenerateAsync(property, records, cancellationToken).ConfigureAwait(false);
        }

        return generated;
    }

    private async Task<float[]?[]> GenerateAsync(VectorPropertyModel property, TRecord[] records, CancellationToken cancellationToken)
    {
        object?[] inputs = [.. records.Select(r => property.GetValueAsObject(r ?? throw new ArgumentException("A record is null.", nameof(records))))];
        object[] given = [.. inputs.OfType<object>()];
        if (given.Length == 0)
        {
            return new float[]?[inputs.Length];
        }

        IReadOnlyList<Embedding> embeddings = await property.GenerateEmbeddingsAsync(given, cancellationToken).ConfigureAwait(false);
        if (embeddings.Count != given.Length)
        {
            throw Operation.Failure(Name, "Upsert", $"The embedding generator of property '{property.ModelName}' was given {given.Length} inputs and returned {embeddings.Count} embeddings.");
        }

        int next = 0;
        return [.. inputs.Select(input => input is null ? null : VectorValue.Read(embeddings[next++]))];
    }

    private object Checked(TKey key) => key.GetType() == _model.KeyProperty.Type
        ? key
        : throw new ArgumentException($"The key is of type '{key.GetType().Name}'; the keys of this collection are of type '{_model.KeyProperty.Type.Name}'.");

    private void RefuseVectors(bool? includeVectors)
    {
        if (includeVectors is true && _model.EmbeddingGenerationRequired)
        {
            throw new NotSupportedException(VectorDataStrings.IncludeVectorsNotSupportedWithEmbeddingGeneration);
        }
    }
}
