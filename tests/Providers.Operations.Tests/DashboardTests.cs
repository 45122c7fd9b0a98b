using System.Text.Json.Nodes;

namespace Providers.Operations.Tests;

[Collection(nameof(OneHost))]
public sealed class DashboardTests
{
    [Fact]
    public void Dashboards_ParseAndTheirPanelsHaveOwnIds()
    {
        string[] files = Directory.GetFiles(OpsFiles.Path("grafana"), "*.json");
        files.Should().NotBeEmpty();
        foreach (string file in files)
        {
            JsonNode board = JsonNode.Parse(File.ReadAllText(file))!;
            JsonArray panels = board["panels"]!.AsArray();
            panels.Select(static p => (int)p!["id"]!).Should().OnlyHaveUniqueItems();
            panels.Where(static p => (string)p!["type"]! == "row").Select(static p => (string)p!["title"]!).Should().Equal(
                "Overview", "Providers", "Resilience", "Memory store", "API", "MCP", "Runtime", "Release");
            board["templating"]!["list"]!.AsArray().Should().Contain(static v => (string)v!["name"]! == "datasource");
            foreach (JsonNode? panel in panels.Where(static p => (string)p!["type"]! != "row"))
            {
                ((string)panel!["datasource"]!["uid"]!).Should().Be("${datasource}");
                JsonNode place = panel["gridPos"]!;
                ((int)place["x"]! + (int)place["w"]!).Should().BeLessThanOrEqualTo(24, "panel {0} fits", panel["title"]);
            }
        }
    }

    [Fact]
    public async Task Promtool_EveryExpression_IsSound()
    {
        Tool.Need("promtool");
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "groups:\n- name: dashboards\n  rules:\n" + string.Concat(OpsFiles.DashboardExpressions()
                .Select(static (e, i) => $"  - record: panel:{i}\n    expr: '{e.Expression.Replace("'", "''", StringComparison.Ordinal)}'\n")));
            (int code, string output) = await Tool.RunAsync("promtool", "check", "rules", file);
            code.Should().Be(0, output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("sum by (a, b) (rate(x_total{c=\"d\"}[5m])) / (y:z > 0) or vector(0) unless w offset 1h", new[] { "x_total", "y:z", "w" })]
    [InlineData("histogram_quantile(0.95, sum by (le) (rate(m_seconds_bucket[5m])))", new[] { "m_seconds_bucket" })]
    public void MetricsOf_Expression_FindsNamesOnly(string expression, string[] names) => OpsFiles.MetricsOf(expression).Should().Equal(names);

    [Fact]
    public async Task EveryMetricOfADashboard_ExistsInALiveScrape()
    {
        await using OpsHost host = await OpsHost.StartAsync();
        await using OpsMemory memory = new();
        await host.ExerciseAsync();
        await memory.ExerciseAsync();
        string scrape = await host.ScrapeAsync();
        HashSet<string> there = [.. scrape.Split('\n').Where(static l => l.Length > 0 && l[0] != '#').Select(static l => l[..l.IndexOfAny(['{', ' '])])];
        string[] missing = [.. OpsFiles.DashboardExpressions().SelectMany(static e => OpsFiles.MetricsOf(e.Expression).Select(m => $"{m} ({e.Panel})"))
            .Distinct().Where(m => !there.Contains(m.Split(' ')[0]))];
        string.Join("; ", missing).Should().BeEmpty("the scrape has {0}", string.Join(", ", there.Order()));
    }
}
