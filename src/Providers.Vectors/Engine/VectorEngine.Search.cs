using System.Numerics.Tensors;

namespace Providers.Vectors;

/// <summary>The readers' half: each takes one view and holds no lock.</summary>
internal sealed partial class VectorEngine
{
    public int Search(ReadOnlySpan<float> query, Span<VectorMatch> matches, VectorSearchOptions? options)
    {
        VectorCheck.Length(query.Length, Options.Dimensions, "The query", nameof(query));
        ObjectDisposedException.ThrowIf(_disposed, this);
        using var rented = new RentedFloats(query.Length);
        VectorCheck.Copy(query, Options.Metric, rented.Span, nameof(query));
        long start = _cost.Start();
        View view = _view;
        SearchPlan plan = Plan(options);
        int found = Kernel.Search(view, rented.Span, matches, plan);
        GC.KeepAlive(view);
        _cost.Stop(start, plan, Scratch.Current);
        if (start != 0)
        {
            Reconsider();
        }

        return found;
    }

    public unsafe void SearchBatch(ReadOnlySpan<float> queries, int top, Span<VectorMatch> matches, VectorSearchOptions? options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        int dimensions = Options.Dimensions, count = queries.Length / dimensions;
        if (queries.Length % dimensions != 0 || matches.Length < (long)count * top)
        {
            throw new ArgumentException($"{queries.Length} components are not whole queries of {dimensions}, or {matches.Length} matches are fewer than {count} x {top}.", nameof(queries));
        }

        ObjectDisposedException.ThrowIf(_disposed, this);
        matches[..(count * top)].Fill(new VectorMatch(long.MinValue, float.NaN));
        View view = _view;
        if (count < 4 || Options.BFloat16 || options?.Filter is not null || (view.Stage is not IndexStage.Exact && options is not { Exact: true }))
        {
            using var rented = new RentedFloats(dimensions);
            for (int i = 0; i < count; i++)
            {
                VectorCheck.Copy(queries.Slice(i * dimensions, dimensions), Options.Metric, rented.Span, nameof(queries));
                Kernel.Search(view, rented.Span, matches.Slice(i * top, top), Plan(options));
            }

            GC.KeepAlive(view);
            return;
        }

        int padded = (count + 3) & ~3;
        var block = new NativeBlock((long)padded * _layout.Stride * sizeof(float));
        var norms = new float[padded];
        var pools = new CandidatePool[padded];
        for (int i = 0; i < padded; i++)
        {
            var to = new Span<float>((float*)block.Pointer + ((long)i * _layout.Stride), dimensions);
            if (i < count)
            {
                VectorCheck.Copy(queries.Slice(i * dimensions, dimensions), Options.Metric, to, nameof(queries));
            }

            norms[i] = TensorPrimitives.SumOfSquares<float>(to);
            pools[i].Reset(Math.Max(1, Math.Min(top, view.Live)));
        }

        Kernel.ScanBatch(view, (float*)block.Pointer, norms, pools);
        for (int i = 0; i < count; i++)
        {
            Searcher<KernelsScalar>.Emit(view, ref pools[i], top, Options.Metric, matches.Slice(i * top, top));
        }

        GC.KeepAlive(block);
    }

    private SearchPlan Plan(VectorSearchOptions? options) =>
        options is null ? new SearchPlan(Options.Metric, 64, 0, false, null, _cost)
        : new SearchPlan(Options.Metric, options.Expansion, options.Rescore, options.Exact, options.Filter, _cost);
}
