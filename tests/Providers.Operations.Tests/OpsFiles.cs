using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Providers.Operations.Tests;

/// <summary>What stands under ops/, read as text.</summary>
internal static partial class OpsFiles
{
    public static string Root { get; } = FindRoot();

    public static string Rules => Read("prometheus/rules.yml");

    public static string Path(string name) => System.IO.Path.Combine(Root, "ops", name);

    public static string Read(string name) => File.ReadAllText(Path(name));

    public static string[] AlertNames() => [.. Alert().Matches(Rules).Select(static m => m.Groups[1].Value)];

    /// <summary>Every expression of every dashboard, with the dashboard's variables replaced.</summary>
    public static IEnumerable<(string Panel, string Expression)> DashboardExpressions()
    {
        foreach (string file in Directory.EnumerateFiles(Path("grafana"), "*.json"))
        {
            foreach (JsonNode? panel in JsonNode.Parse(File.ReadAllText(file))!["panels"]!.AsArray())
            {
                foreach (JsonNode? target in panel!["targets"]?.AsArray() ?? [])
                {
                    yield return ((string)panel["title"]!, ((string)target!["expr"]!).Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$__range", "6h", StringComparison.Ordinal));
                }
            }
        }
    }

    /// <summary>The names of metrics in an expression: identifiers that are neither functions, nor words of the language, nor labels.</summary>
    public static IEnumerable<string> MetricsOf(string expression)
    {
        string bare = Grouping().Replace(Labels().Replace(expression, " "), " ");
        return Identifier().Matches(bare).Select(static m => m.Value).Where(static n => !Words.Contains(n)).Distinct();
    }

    private static readonly HashSet<string> Words = ["and", "or", "unless", "offset", "bool"];

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(at.FullName, "Providers.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Providers.sln.");
    }

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex Labels();

    [GeneratedRegex(@"\b(by|without|on|ignoring)\s*\([^)]*\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"(?<![\w.])[a-zA-Z_:][\w:]*\b(?!\s*\()")]
    private static partial Regex Identifier();
}
