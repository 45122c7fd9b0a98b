using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Providers.Vectors;

/// <summary>Chooses the instruction path. Every test is a JIT constant, so one call remains.</summary>
internal static class Kernel
{
    public static int Search(View view, ReadOnlySpan<float> query, Span<VectorMatch> matches, SearchPlan plan) =>
        Vector512.IsHardwareAccelerated && Avx512BW.IsSupported ? Searcher<Kernels512>.Search(view, query, matches, plan)
        : Avx2.IsSupported ? Searcher<Kernels256>.Search(view, query, matches, plan)
        : Vector128.IsHardwareAccelerated ? Searcher<Kernels128>.Search(view, query, matches, plan)
        : Searcher<KernelsScalar>.Search(view, query, matches, plan);

    public static unsafe void ScanBatch(View view, float* queries, float[] norms, CandidatePool[] pools)
    {
        if (Vector512.IsHardwareAccelerated && Avx512BW.IsSupported)
        {
            BatchSearcher<Kernels512>.Scan(view, queries, norms, pools);
        }
        else if (Avx2.IsSupported)
        {
            BatchSearcher<Kernels256>.Scan(view, queries, norms, pools);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            BatchSearcher<Kernels128>.Scan(view, queries, norms, pools);
        }
        else
        {
            BatchSearcher<KernelsScalar>.Scan(view, queries, norms, pools);
        }
    }

    public static void Link(HnswGraph graph, int until, int threads)
    {
        if (Vector512.IsHardwareAccelerated && Avx512BW.IsSupported)
        {
            HnswBuilder<Kernels512>.Link(graph, until, threads);
        }
        else if (Avx2.IsSupported)
        {
            HnswBuilder<Kernels256>.Link(graph, until, threads);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            HnswBuilder<Kernels128>.Link(graph, until, threads);
        }
        else
        {
            HnswBuilder<KernelsScalar>.Link(graph, until, threads);
        }
    }

    public static void Mend(CarriedGraph carried, int pass, int start, int end)
    {
        if (Vector512.IsHardwareAccelerated && Avx512BW.IsSupported)
        {
            HnswMender<Kernels512>.Mend(carried, pass, start, end);
        }
        else if (Avx2.IsSupported)
        {
            HnswMender<Kernels256>.Mend(carried, pass, start, end);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            HnswMender<Kernels128>.Mend(carried, pass, start, end);
        }
        else
        {
            HnswMender<KernelsScalar>.Mend(carried, pass, start, end);
        }
    }
}
