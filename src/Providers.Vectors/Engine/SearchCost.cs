namespace Providers.Vectors;

/// <summary>How a search finds its candidates.</summary>
internal enum SearchPath
{
    /// <summary>Through the graph.</summary>
    Graph,

    /// <summary>Every row in order.</summary>
    Stream,

    /// <summary>Only the rows that pass a filter.</summary>
    Gather,
}

/// <summary>
/// What searches take: a moving average for the adaptive index, and per path how far this machine and this data are from the usual
/// cost, so that filtered searches take the cheapest path. One search in sixteen is timed. Safe for many threads: a lost update is a lost sample.
/// </summary>
internal sealed class SearchCost(TimeProvider clock)
{
    private readonly double[] _factors = [1, 1, 1];
    private int _calls;
    private double _milliseconds;

    public static SearchCost Usual { get; } = new(TimeProvider.System);

    public double Milliseconds => Volatile.Read(ref _milliseconds);

    public long Start() => (Interlocked.Increment(ref _calls) & 15) == 0 ? clock.GetTimestamp() : 0;

    public void Stop(long start, SearchPlan plan, Scratch scratch)
    {
        if (start == 0 || plan.Exact)
        {
            return;
        }

        double took = clock.GetElapsedTime(start).TotalMilliseconds;
        if (plan.Filter is null)
        {
            double before = Milliseconds;
            Volatile.Write(ref _milliseconds, before == 0 ? took : before + ((took - before) / 8));
        }

        if (scratch.UsualNanoseconds > 10_000 && took > 0)
        {
            // Bounded: a path that is not taken any more cannot correct a wrong figure.
            double factor = Math.Clamp(took * 1e6 / scratch.UsualNanoseconds, 0.25, 4);
            ref double mine = ref _factors[(int)scratch.Path];
            Volatile.Write(ref mine, mine + ((factor - mine) / 8));
        }
    }

    /// <summary>The cheapest way to the candidates of a filtered search.</summary>
    public SearchPath Choose(View view, RowFilter filter, int expansion)
    {
        double gather = Expected(view, SearchPath.Gather, filter, expansion), stream = Expected(view, SearchPath.Stream, filter, expansion);
        SearchPath flat = gather <= stream ? SearchPath.Gather : SearchPath.Stream;
        return view.Stage is IndexStage.Graph && Expected(view, SearchPath.Graph, filter, expansion) < Math.Min(gather, stream) ? SearchPath.Graph : flat;
    }

    /// <summary>Nanoseconds on the machine of the checked-in results, by what the path touches.</summary>
    public static double UsualCost(View view, SearchPath path, RowFilter? filter, int expansion)
    {
        int dimensions = view.Rows.Layout.Dimensions, passing = filter?.Cardinality ?? view.Count;
        bool bits = view.Stage is IndexStage.Bits;
        return path switch
        {
            // The pool fills with rows that pass; what lies between them is walked through: visits grow with 1 / selectivity.
            SearchPath.Graph => (double)expansion * view.Count / Math.Max(1, passing) * (300 + dimensions),
            SearchPath.Stream => view.Count * (bits ? 1 + (dimensions / 120.0) : 4 + (dimensions / 28.0)),
            _ => passing * (bits ? 20 + (dimensions / 6.0) : 8 + (dimensions / 28.0)),
        };
    }

    private double Expected(View view, SearchPath path, RowFilter filter, int expansion) =>
        UsualCost(view, path, filter, expansion) * Volatile.Read(ref _factors[(int)path]);
}
