using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace Providers.VectorData;

/// <summary>Records by nearness, and by nearness and keywords together.</summary>
public partial class ProvidersCollection<TKey, TRecord>
{
    // How deep the two rankings of a hybrid search go: a record low in both may still be the best of both.
    private const int LeastDepth = 100, DepthPerResult = 4;

    /// <inheritdoc/>
    /// <remarks>Scores are those of the distance function, measured on the vectors as they were stored. A filter is applied before: there are as many results as asked for if as many records pass.</remarks>
    public override async IAsyncEnumerable<VectorSearchResult<TRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<TRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new();
        RefuseVectors(options.IncludeVectors);
        VectorPropertyModel property = _model.GetVectorPropertyOrSingle(options);
        float[] query = await QueryAsync(property, searchValue, cancellationToken).ConfigureAwait(false);
        Binding binding = Operation.Run(Name, "Search", () => Bind("Search"));
        IPredicate? filter = Translate(options.Filter, binding);
        DistanceRule rule = Column(binding, property).Field.Rule;
        List<VectorHit> hits = Operation.Run(Name, "Search", () => Nearest(binding, property, query, Depth(top, options.Skip), filter));
        foreach (VectorHit hit in hits.Where(h => rule.Passes(h.Score, options.ScoreThreshold)).Skip(options.Skip))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new VectorSearchResult<TRecord>(binding.Mapper.Write<TRecord>(hit.Row, options.IncludeVectors), hit.Score);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The vector ranking and the BM25 ranking of the keywords are fused by reciprocal rank; the score is the fused one, higher is better, at most 2/61.</remarks>
    public async IAsyncEnumerable<VectorSearchResult<TRecord>> HybridSearchAsync<TInput>(
        TInput searchValue, ICollection<string> keywords, int top, HybridSearchOptions<TRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where TInput : notnull
    {
        ArgumentNullException.ThrowIfNull(searchValue);
        ArgumentNullException.ThrowIfNull(keywords);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        options ??= new();
        RefuseVectors(options.IncludeVectors);
        VectorPropertyModel property = _model.GetVectorPropertyOrSingle(new VectorSearchOptions<TRecord> { VectorProperty = options.VectorProperty });
        DataPropertyModel text = _model.GetFullTextDataPropertyOrSingle(options.AdditionalProperty);
        float[] query = await QueryAsync(property, searchValue, cancellationToken).ConfigureAwait(false);
        Binding binding = Operation.Run(Name, "HybridSearch", () => Bind("HybridSearch"));
        IPredicate? filter = Translate(options.Filter, binding);
        int depth = Math.Max(LeastDepth, Depth(Depth(top, options.Skip), 0, DepthPerResult));
        List<VectorHit> hits = Operation.Run(Name, "HybridSearch", () => RankFusion.Fuse(
            Nearest(binding, property, query, depth, filter),
            binding.Data.SearchText(binding.Data.Schema.DataIndex(text.StorageName), keywords.SelectMany(Words.In), depth, filter)));
        foreach (VectorHit hit in hits.Where(h => options.ScoreThreshold is not { } least || h.Score >= least).Skip(options.Skip).Take(top))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new VectorSearchResult<TRecord>(binding.Mapper.Write<TRecord>(hit.Row, options.IncludeVectors), hit.Score);
        }
    }

    private static int Depth(int top, int skip, int times = 1) => (int)Math.Min(((long)top + skip) * times, Array.MaxLength);

    private static VectorColumn Column(Binding binding, VectorPropertyModel property) => binding.Data.Column(binding.Data.Schema.VectorIndex(property.StorageName));

    private static List<VectorHit> Nearest(Binding binding, VectorPropertyModel property, float[] query, int top, IPredicate? filter)
    {
        VectorColumn column = Column(binding, property);
        VectorValue.Check(query, column.Field, "the search vector");
        return VectorSearcher.Search(() => binding.Data.Rows, column, binding.Data.Schema.VectorIndex(property.StorageName), query, top, filter);
    }

    private IPredicate? Translate(Expression<Func<TRecord, bool>>? filter, Binding binding) =>
        filter is null ? null : new FilterTranslator(_model, binding.Data.Schema).Translate(filter);

    private static async Task<float[]> QueryAsync<TInput>(VectorPropertyModel property, TInput value, CancellationToken cancellationToken) =>
        VectorValue.Read(value)
        ?? (property.EmbeddingGenerationDispatcher is not null
            ? VectorValue.Read(await property.GenerateEmbeddingAsync(value, cancellationToken).ConfigureAwait(false))!
            : property.EmbeddingGenerator is null
            ? throw new NotSupportedException(VectorDataStrings.InvalidSearchInputAndNoEmbeddingGeneratorWasConfigured(value!.GetType(), VectorValue.Supported))
            : throw new InvalidOperationException(VectorDataStrings.IncompatibleEmbeddingGeneratorWasConfiguredForInputType(value!.GetType(), property.EmbeddingGenerator.GetType())));
}
