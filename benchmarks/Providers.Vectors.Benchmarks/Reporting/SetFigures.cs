using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>Turns what the stages of one set measured into lines.</summary>
internal sealed class SetFigures(StageContext context)
{
    private readonly List<Figure> _figures = [];

    public List<Figure> All()
    {
        Exact();
        Graph();
        Filters();
        Rest();
        return _figures;
    }

    private string Name(string what) => $"{context.Set.Name}: {what}";

    private static double Get(JsonObject from, string name) => from[name]!.GetValue<double>();

    /// <summary>A time against another one: the ratio says how many times faster.</summary>
    private void Faster(string what, double ms, double than, double? atLeast = null) => _figures.Add(new Figure(Name(what), ms, "ms", than, than / ms, atLeast));

    private void Exact()
    {
        if (context.Figures("exact") is not { } f)
        {
            return;
        }

        double ours = Get(f, "ours");
        Faster($"exact against reading the same bytes ({Get(f, "gigabytesPerSecond"):F1} GB/s)", ours, Get(f, "read"), 0.9);
        Faster("exact against hnswlib's exact search", ours, Get(f, "hnswlib"), 1.2);
        Faster("exact against USearch's exact search", ours, Get(f, "usearch"), 1.2);
        Faster("exact against a loop of TensorPrimitives.CosineSimilarity and a heap", ours, Get(f, "loop"));
        Faster("exact against TensorPrimitives.Dot alone on huge pages", ours, Get(f, "primitives"));
        if (f["sqliteVec"] is not null)
        {
            Faster("exact against sqlite-vec", ours, Get(f, "sqliteVec"));
        }

        Faster("exact, batch of 32, against USearch's", Get(f, "batch"), Get(f, "usearchBatch"), 5);
        Faster($"1-bit codes (recall {Get(f, "bitsRecall"):F3}) against exact", Get(f, "bits"), ours, Get(f, "bitsRecall") >= 0.99 ? 12 : null);
        Faster($"8-bit codes (recall {Get(f, "int8Recall"):F3}) against exact", Get(f, "int8"), ours);
    }

    private void Graph()
    {
        if (context.Figures("build-ours") is { } build)
        {
            foreach (string peer in (string[])["hnswlib", "usearch"])
            {
                if (context.Figures("build-" + peer) is { } theirs)
                {
                    Faster($"building a graph against {peer}", Get(build, "ms"), Get(theirs, "ms"), peer == "hnswlib" ? 2.5 : null);
                    double bytes = new FileInfo(context.Set.File(peer + ".index")).Length / (double)context.Set.Rows;
                    _figures.Add(new Figure(Name($"bytes a vector against {peer}'s file"), Get(build, "bytes"), "bytes", bytes, bytes / Get(build, "bytes")));
                }
            }

            double? limit = context.Set.Dimensions == 768 ? 2_500 : null;
            _figures.Add(new Figure(Name($"bytes a vector: vectors {Get(build, "vectorBytes"):F0}, codes {Get(build, "codeBytes"):F0}, links {Get(build, "graphBytes"):F0}, ids {Get(build, "idBytes"):F0}"), Get(build, "bytes"), "bytes", 0, 0, Limit: limit));
        }

        if (context.Figures("build-threads") is { } threads)
        {
            _figures.Add(new Figure(Name($"building {Get(threads, "rows"):N0} with two threads against one, wall"), Get(threads, "two"), "s", Get(threads, "one"), Get(threads, "one") / Get(threads, "two"), 1.7));
        }

        foreach ((string stage, string text) in ((string, string)[])[("curve", ""), ("curve-two", ", two threads")])
        {
            if (context.Figures(stage) is not { } curve)
            {
                continue;
            }

            foreach (double recall in (double[])[0.95, 0.99])
            {
                double ours = At(Chart.Points(curve, "ours"), recall);
                foreach ((string peer, double atLeast) in ((string, double)[])[("hnswlib", 2.5), ("usearch", 4)])
                {
                    double theirs = At(Chart.Points(curve, peer), recall);
                    if (ours > 0 && theirs > 0)
                    {
                        _figures.Add(new Figure(Name($"graph at recall {recall}{text} against {peer}"), ours, "q/s", theirs, ours / theirs, stage == "curve" ? atLeast : null));
                    }
                }
            }
        }
    }

    private void Filters()
    {
        if (context.Figures("filter") is not { } f)
        {
            return;
        }

        foreach ((string share, double? atLeast) in ((string, double?)[])[("50", null), ("10", 4), ("1", 100)])
        {
            JsonObject ours = f[share]!["ours"]!.AsObject(), theirs = f[share]!["hnswlib"]!.AsObject();
            _figures.Add(new Figure(
                Name($"filtered to {share} %, recall {Get(ours, "recall"):F3}, against hnswlib at {Get(theirs, "recall"):F3}"), Get(ours, "qps"), "q/s", Get(theirs, "qps"), Get(ours, "qps") / Get(theirs, "qps"), atLeast));
        }
    }

    private void Rest()
    {
        if (context.Figures("writer") is { } w)
        {
            foreach (string kind in (string[])["adding", "replacing"])
            {
                JsonObject turns = w[kind]!.AsObject();
                double wall = Get(turns, "besideWall") / Get(turns, "aloneWall");
                _figures.Add(new Figure(Name($"search beside a writer {kind} {Get(turns, "writes"):N0} rows a second (CPU time: {Get(turns, "beside") / Get(turns, "alone"):F2} x)"), Get(turns, "besideWall"), "q/s", Get(turns, "aloneWall"), wall, 0.8));
            }
        }

        if (context.Figures("open") is { } o)
        {
            double? limit = context.Set.Dimensions == 128 ? 1_000 : null;
            _figures.Add(new Figure(Name($"open {Get(o, "bytes") / 1e6:N0} MB in a new process to the first answer, file cached"), Get(o, "cached"), "ms", 0, 0, Limit: limit));
            _figures.Add(new Figure(Name("the same with the file evicted from the page cache"), Get(o, "evicted"), "ms", 0, 0));
            foreach (string peer in (string[])["hnswlib", "usearch"])
            {
                if (o.ContainsKey(peer))
                {
                    Faster("open, cached, against " + peer, Get(o, "cached"), Get(o, peer));
                }
            }
        }
    }

    /// <summary>Queries per second at a recall, between the two neighbouring points of the curve's upper hull; 0 if it is never reached.</summary>
    public static double At(List<(double Recall, double Qps)> curve, double recall)
    {
        double best = 0;
        for (int i = 0; i < curve.Count; i++)
        {
            if (curve[i].Recall < recall)
            {
                continue;
            }

            best = Math.Max(best, curve[i].Qps);
            if (i > 0 && curve[i - 1].Recall < recall)
            {
                double share = (recall - curve[i - 1].Recall) / (curve[i].Recall - curve[i - 1].Recall);
                best = Math.Max(best, curve[i - 1].Qps + (share * (curve[i].Qps - curve[i - 1].Qps)));
            }
        }

        return best;
    }
}
