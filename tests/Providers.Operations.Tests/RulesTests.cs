namespace Providers.Operations.Tests;

public sealed class RulesTests
{
    [Fact]
    public void Alerts_AreThirtyAndEachHasSeverityTestAndRunbook()
    {
        string[] alerts = OpsFiles.AlertNames();
        alerts.Should().HaveCount(30).And.OnlyHaveUniqueItems();
        string tests = OpsFiles.Read("prometheus/rules.test.yml") + OpsFiles.Read("prometheus/rules-slow.test.yml");
        string runbook = OpsFiles.Read("runbook.md");
        foreach (string alert in alerts)
        {
            string block = OpsFiles.Rules[OpsFiles.Rules.IndexOf($"- alert: {alert}\n", StringComparison.Ordinal)..];
            block = block[..Math.Min(block.Length, block.IndexOf("runbook_url", StringComparison.Ordinal) + 100)];
            block.Should().MatchRegex("severity: (page|warning|ticket|info)");
            block.Should().Contain($"runbook_url: ops/runbook.md#{alert.ToLowerInvariant()}");
            tests.Should().MatchRegex($@"alertname: {alert}\n\s+exp_alerts:\n", "{0} fires in a unit test", alert);
            int heading = runbook.IndexOf($"\n## {alert}\n", StringComparison.Ordinal);
            heading.Should().BePositive("the runbook has a heading {0}", alert);
            runbook[heading..].Should().MatchRegex(@"(?s)\A\n## \w+\n.*?What it means.*?How to see it.*?What to do.*?How to roll back");
        }
    }

    [Fact]
    public async Task Promtool_RulesAndConfiguration_AreSound()
    {
        Tool.Need("promtool");
        (int code, string output) = await Tool.RunAsync("promtool", "check", "rules", OpsFiles.Path("prometheus/rules.yml"));
        code.Should().Be(0, output);
        (code, output) = await Tool.RunAsync("promtool", "check", "config", OpsFiles.Path("prometheus/prometheus.yml"));
        code.Should().Be(0, output);
    }

    [Theory]
    [InlineData("prometheus/rules.test.yml")]
    [InlineData("prometheus/rules-slow.test.yml")]
    public async Task Promtool_UnitTests_Pass(string file)
    {
        Tool.Need("promtool");
        (int code, string output) = await Tool.RunAsync("promtool", "test", "rules", OpsFiles.Path(file));
        code.Should().Be(0, output);
    }
}
