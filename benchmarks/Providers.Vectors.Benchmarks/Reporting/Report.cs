using System.Globalization;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>Writes tables, charts and the figures' JSON from what the stages left behind.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(string work, string modules, string resultFile)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        string results = Path.Combine("benchmarks", "results", Cpu());
        Directory.CreateDirectory(results);
        var all = new List<Figure>();
        var page = new StringBuilder($"# Vectors beside their peers\nProcessor: {Cpu()}; .NET {Environment.Version}. Peers: hnswlib-node 3.0.0 (compiled with -O3 -march=native), usearch 2.26.2, sqlite-vec 0.1.9, all from npm, M = 16, efConstruction = 128, float32. One thread and CPU time unless a line says otherwise; ours and theirs in turns. Command: `eng/bench vectors`. Ratios above 1 mean that ours is faster or smaller.\n");
        foreach (string name in Names)
        {
            var context = new StageContext(BenchmarkSet.Named(work, name), modules);
            if (!context.Set.Exists)
            {
                continue;
            }

            List<Figure> figures = new SetFigures(context).All();
            all.AddRange(figures);
            page.Append($"\n## {name}: {context.Set.Rows:N0} x {context.Set.Dimensions}\n| work | ours | baseline | ratio | asked for | reached |\n|---|---|---|---|---|---|\n");
            foreach (Figure figure in figures)
            {
                page.AppendLine(figure.ToRow().Replace($"{name}: ", "", StringComparison.Ordinal));
            }

            if (context.Figures("curve") is { } curve)
            {
                string chart = $"vectors-{name}.svg";
                File.WriteAllText(Path.Combine(results, chart), Chart.Draw($"{name}: {context.Set.Rows:N0} x {context.Set.Dimensions}", curve, context.Figures("curve-two")));
                page.Append($"\n![recall against queries per second]({chart})\n");
            }

            Traps(page, context.Figures("traps"));
        }

        File.WriteAllText(Path.Combine(results, "vectors.md"), page.ToString());
        Kernels(Path.Combine(results, "kernels.md"), new StageContext(BenchmarkSet.Named(work, Names[0]), modules).Figures("kernels"));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(resultFile))!);
        File.WriteAllText(resultFile, new JsonArray([.. all.Select(f => (JsonNode)f.ToJson())]).ToJsonString(Indented));
        Console.WriteLine(page);
    }

    private static string[] Names => ["clustered768", "shared768", "clustered128"];

    private static void Traps(StringBuilder page, JsonObject? traps)
    {
        if (traps is null)
        {
            return;
        }

        page.Append("\nWhat users trip over, on the first 8,000 rows, asking for ten at an expansion of 64 (found of 10 / recall):\n\n| | ours | hnswlib | USearch |\n|---|---|---|---|\n");
        foreach ((string key, string text) in ((string, string)[])[("fresh", "as built"), ("deleted", "after deleting 95 %"), ("again", "after adding them again"), ("correlated", "filter to the 2 % farthest from the query")])
        {
            string Cell(string engine) => traps[engine]![key] is { } f ? $"{f["found"]!.GetValue<double>():F1} / {f["recall"]!.GetValue<double>():F3}" : "no filter in this binding";
            page.Append($"| {text} | {Cell("ours")} | {Cell("hnswlib")} | {Cell("usearch")} |\n");
        }
    }

    private static void Kernels(string path, JsonObject? kernels)
    {
        if (kernels is null)
        {
            return;
        }

        var page = new StringBuilder($"# Hand-written kernels beside TensorPrimitives\nNanoseconds per row, rows in the second cache, best of 40; {Cpu()}{(AvxVnni.IsSupported ? ", with AVX-VNNI" : "")}. Where TensorPrimitives has the same operation (float32 dot, distance, norm) the engine uses it and there is no kernel of ours. Command: `eng/bench vectors`.\n");
        foreach ((string kernel, JsonNode? paths) in kernels)
        {
            page.Append($"\n| {kernel} | 128 | 768 | 1,536 dimensions |\n|---|---|---|---|\n");
            foreach ((string name, JsonNode? line) in paths!.AsObject())
            {
                page.Append($"| {name} | {line!["128"]!.GetValue<double>():F1} | {line["768"]!.GetValue<double>():F1} | {line["1536"]!.GetValue<double>():F1} |\n");
            }
        }

        File.WriteAllText(path, page.ToString());
    }

    /// <summary>The processor by the name, family and model it reports, and the widest instructions used.</summary>
    private static string Cpu()
    {
        string Field(string name) => File.ReadLines("/proc/cpuinfo").First(l => l.StartsWith(name, StringComparison.Ordinal)).Split(':')[1].Trim();
        string model = string.Concat(Field("model name").ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) ? c : '-')).Trim('-');
        string width = Vector512.IsHardwareAccelerated ? "avx512" : "avx2";
        return $"{model}-family{Field("cpu family")}-{width}";
    }
}
