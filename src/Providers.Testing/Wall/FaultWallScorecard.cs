using System.Globalization;
using System.Text;

namespace Providers.Testing;

/// <summary>A subject's results. Immutable.</summary>
/// <param name="Subject">The subject's name.</param>
/// <param name="Wire">How it was reached.</param>
/// <param name="Results">One result for each scenario, in their order.</param>
public sealed record FaultWallScorecard(string Subject, FaultWallWire Wire, IReadOnlyList<FaultWallResult> Results)
{
    /// <summary>Counts results.</summary>
    /// <param name="verdict">The verdict to count.</param>
    /// <returns>How many there are.</returns>
    public int Count(FaultWallVerdict verdict) => Results.Count(r => r.Verdict == verdict);

    /// <summary>Writes the counts: <c>pass/partial/safe/fail</c>.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Subject} ({Wire}): {Count(FaultWallVerdict.Pass)} pass, {Count(FaultWallVerdict.Partial)} partial, {Count(FaultWallVerdict.Safe)} safe, {Count(FaultWallVerdict.Fail)} fail");

    /// <summary>Writes the results as a Markdown table.</summary>
    /// <returns>The text, lines ended by LF.</returns>
    public string ToMarkdown()
    {
        StringBuilder text = new();
        text.Append("### ").Append(ToString()).Append("\n\n| id | fault | verdict | reason | requests | time |\n|---|---|---|---|---|---|\n");
        foreach (FaultWallResult result in Results)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {result.Scenario.Id} | {result.Scenario.Title} | {result.Verdict} | {result.Reason.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ")} | {string.Join(" + ", result.Requests.Select(static r => r.Count))} | {result.Elapsed.TotalSeconds:F1} s |\n");
        }

        return text.ToString();
    }
}
