namespace Providers.FaultWall.Tests;

/// <summary>The thirty ways to fail: ours passes all of them, on virtual time and over each wire. WALL_REPORT=path writes every scorecard, the peers' too.</summary>
public sealed class WallTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Composite_OnVirtualTime_PassesAll(bool? streaming)
    {
        FaultWallScorecard card = await Providers.Testing.FaultWall.RunAsync(
            new CompositeSubject(), new FaultWallOptions { Clock = static () => new VirtualClock(), Streaming = streaming }, TestContext.Current.CancellationToken);
        Check(card, streaming is null);
    }

    [Theory]
    [InlineData(FaultWallWire.Ollama)]
    [InlineData(FaultWallWire.OpenAI)]
    [InlineData(FaultWallWire.Mlx)]
    public async Task Composite_OverSockets_PassesAll(FaultWallWire wire)
    {
        FaultWallOptions options = new() { Wire = wire, TimeScale = 0.1 };
        FaultWallScorecard card = await RunAsync(new CompositeSubject(), options);
        string[] late = [.. card.Results.Where(static r => r.Verdict is not FaultWallVerdict.Pass).Select(static r => r.Scenario.Id)];
        if (late.Length > 0)
        {
            // A second of the scenario is a tenth of one here, and a busy machine may take that for itself: a true failure fails slowly too.
            output.WriteLine(card.ToMarkdown());
            FaultWallScorecard slower = await RunAsync(new CompositeSubject(), options with { TimeScale = 0.5, Only = late });
            card = card with { Results = [.. card.Results.Select(r => slower.Results.FirstOrDefault(s => s.Scenario == r.Scenario) ?? r)] };
        }

        Check(card, all: true);
    }

    [Fact]
    public async Task Peers_OverTheSameFaults_AreScoredBeside()
    {
        if (Environment.GetEnvironmentVariable("WALL_REPORT") is not { Length: > 0 } path)
        {
            Assert.Skip("The peers are scored by eng/wall, which sets WALL_REPORT.");
            return;
        }

        FaultWallOptions virtualTime = new() { Clock = static () => new VirtualClock() };
        FaultWallOptions[] wires = [virtualTime, new() { Wire = FaultWallWire.Ollama }, new() { Wire = FaultWallWire.OpenAI }, new() { Wire = FaultWallWire.Mlx }];
        List<FaultWallScorecard> cards = [];
        foreach (FaultWallOptions wire in wires)
        {
            cards.Add(await RunAsync(new CompositeSubject(), wire));
        }

        // The peers spend their time hanging, which many can do at once.
        cards.AddRange(await Task.WhenAll(wires.SelectMany(static wire => new[] { RunAsync(new OrderedSubject(failover: true), wire), RunAsync(new OrderedSubject(failover: false), wire) })));
        cards = [.. cards.GroupBy(static c => c.Wire).SelectMany(static g => g)];
        string summary = string.Concat(cards.Select(static c => $"| {c.Subject} | {c.Wire} | {c.Count(FaultWallVerdict.Pass)} | {c.Count(FaultWallVerdict.Partial)} | {c.Count(FaultWallVerdict.Safe)} | {c.Count(FaultWallVerdict.Fail)} |\n"));
        await File.WriteAllTextAsync(
            path,
            $"# The fault wall\n\nWritten by `eng/wall`. Thirty ways a model server fails, each judged from what the caller got and what the wire saw.\n\n| subject | wire | pass | partial | safe | fail |\n|---|---|---|---|---|---|\n{summary}\n{string.Join("\n", cards.Select(static c => c.ToMarkdown()))}",
            TestContext.Current.CancellationToken);
    }

    private static Task<FaultWallScorecard> RunAsync(IFaultWallSubject subject, FaultWallOptions options) =>
        Task.Run(() => Providers.Testing.FaultWall.RunAsync(subject, options, TestContext.Current.CancellationToken));

    private void Check(FaultWallScorecard card, bool all)
    {
        output.WriteLine(card.ToMarkdown());
        card.Results.Where(static r => r.Verdict is not FaultWallVerdict.Pass).Select(static r => $"{r.Scenario.Id}: {r.Verdict}, {r.Reason}").Should().BeEmpty();
        if (all)
        {
            card.Results.Should().HaveCount(30);
        }
    }
}
