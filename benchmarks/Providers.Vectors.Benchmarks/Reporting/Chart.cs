using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>Recall against queries per second (logarithmic), solid for one thread, dashed for two.</summary>
internal static class Chart
{
    private static readonly (string Name, string Label, string Colour)[] Engines =
        [("ours", "Providers.Vectors", "#0a7"), ("hnswlib", "hnswlib", "#c33"), ("usearch", "USearch", "#36c")];

    public static string Draw(string title, JsonObject one, JsonObject? two)
    {
        var points = Engines.SelectMany(e => Points(one, e.Name).Concat(Points(two, e.Name))).ToList();
        double least = Math.Floor(points.Min(p => p.Recall) * 20) / 20;
        double low = Math.Floor(Math.Log10(points.Min(p => p.Qps))), high = Math.Ceiling(Math.Log10(points.Max(p => p.Qps)));
        string X(double recall) => (60 + (600 * (recall - least) / (1 - least))).ToString("F1", CultureInfo.InvariantCulture);
        string Y(double qps) => (370 - (320 * (Math.Log10(qps) - low) / (high - low))).ToString("F1", CultureInfo.InvariantCulture);
        var svg = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"700\" height=\"430\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"700\" height=\"430\" fill=\"white\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"60\" y=\"22\" font-size=\"14\">{title}</text><text x=\"60\" y=\"40\">queries per second</text><text x=\"590\" y=\"412\">recall@10</text>\n");
        for (double decade = low; decade <= high; decade++)
        {
            double qps = Math.Pow(10, decade);
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M60 {Y(qps)}H660\" stroke=\"#ddd\"/><text x=\"55\" y=\"{Y(qps)}\" text-anchor=\"end\">{qps:N0}</text>\n");
        }

        for (int i = 0; i <= 5; i++)
        {
            double recall = least + ((1 - least) * i / 5);
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{X(recall)} 50V370\" stroke=\"#ddd\"/><text x=\"{X(recall)}\" y=\"388\" text-anchor=\"middle\">{recall:F3}</text>\n");
        }

        int line = 66;
        foreach ((string name, string label, string colour) in Engines)
        {
            foreach ((JsonObject? curve, string dash) in ((JsonObject?, string)[])[(one, ""), (two, " stroke-dasharray=\"5 4\"")])
            {
                if (curve is not null)
                {
                    svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dash} points=\"{string.Join(' ', Points(curve, name).Select(p => $"{X(p.Recall)},{Y(p.Qps)}"))}\"/>\n");
                }
            }

            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"80\" y=\"{320 + ((line - 66) / 18 * 16)}\" fill=\"{colour}\">{label}</text>\n");
            line += 18;
        }

        return svg.Append("<text x=\"220\" y=\"352\" fill=\"#555\">solid: one thread, dashed: two</text>\n</svg>\n").ToString();
    }

    public static List<(double Recall, double Qps)> Points(JsonObject? curve, string engine) =>
        curve is null ? [] : [.. curve[engine]!.AsArray().Select(p => (p!["recall"]!.GetValue<double>(), p["qps"]!.GetValue<double>()))];
}
