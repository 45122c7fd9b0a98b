using System.Globalization;
using System.Text;

namespace Providers.Vectors.Benchmarks;

/// <summary>Recall against queries per second, ours and hnswlib's.</summary>
internal static class Chart
{
    public static string Draw(List<(double Recall, double Qps)> ours, List<(double Recall, double Qps)> theirs)
    {
        double most = ours.Concat(theirs).Max(p => p.Qps), least = ours.Concat(theirs).Min(p => p.Recall);
        string Line(List<(double Recall, double Qps)> points, string colour) =>
            $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{50 + (540 * (p.Recall - least) / (1 - least)):F0},{340 - (310 * p.Qps / most):F0}")))}\"/>\n";
        return new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"620\" height=\"380\" font-family=\"sans-serif\" font-size=\"12\">\n")
            .Append("<rect width=\"620\" height=\"380\" fill=\"white\"/><path d=\"M50 20V340H600\" stroke=\"black\" fill=\"none\"/>\n")
            .Append(Line(ours, "#0a6")).Append(Line(theirs, "#c33"))
            .Append(CultureInfo.InvariantCulture, $"<text x=\"50\" y=\"15\">queries per second, up to {most:F0}</text><text x=\"400\" y=\"370\">recall@10, {least:F3} to 1</text>\n")
            .Append("<text x=\"470\" y=\"40\" fill=\"#0a6\">Providers.Vectors</text><text x=\"470\" y=\"58\" fill=\"#c33\">hnswlib</text>\n</svg>\n").ToString();
    }
}
