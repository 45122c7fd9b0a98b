namespace Providers.Testing.Tests.Wall;

public sealed class SocketWallTests
{
    public static TheoryData<FaultWallWire> Wires => [FaultWallWire.Ollama, FaultWallWire.OpenAI, FaultWallWire.Mlx];

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Run_OverSockets_OfOneThatAsksTheHealthyTarget_Passes(FaultWallWire wire)
    {
        string[] ids = [.. FaultWall.Scenarios.Where(static s => !s.Embeds && s.Id is not ("S13" or "S15")).Select(static s => s.Id)];
        FaultWallScorecard card = await FaultWall.RunAsync(new SocketSubject(static s => s.Targets.Count - 1), new FaultWallOptions { Wire = wire, TimeScale = 1, Only = ids });
        card.Results.Where(static r => r.Verdict != FaultWallVerdict.Pass).Should().BeEmpty(card.ToMarkdown());
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Run_OverSockets_OfATrustingClient_FailsOnTruncation(FaultWallWire wire)
    {
        // Only S21 takes time; the others are to have all of it.
        FaultWallScorecard card = await FaultWall.RunAsync(new SocketSubject(static _ => 0), new FaultWallOptions { Wire = wire, TimeScale = 1, Only = ["S04", "S08", "S10", "S13", "S18", "S19", "S26"] });
        FaultWallScorecard late = await FaultWall.RunAsync(new SocketSubject(static _ => 0), new FaultWallOptions { Wire = wire, TimeScale = 0.01, Only = ["S21"] });
        Dictionary<string, FaultWallVerdict> verdicts = card.Results.Concat(late.Results).ToDictionary(static r => r.Scenario.Id, static r => r.Verdict);
        verdicts.Should().BeEquivalentTo(new Dictionary<string, FaultWallVerdict>
        {
            ["S04"] = FaultWallVerdict.Safe,
            ["S08"] = wire is FaultWallWire.Mlx ? FaultWallVerdict.Fail : FaultWallVerdict.Safe,
            ["S10"] = FaultWallVerdict.Safe,
            ["S13"] = FaultWallVerdict.Pass,
            ["S18"] = FaultWallVerdict.Fail,
            ["S19"] = FaultWallVerdict.Safe,
            ["S21"] = FaultWallVerdict.Fail,
            ["S26"] = FaultWallVerdict.Pass,
        }, card.ToMarkdown());
    }
}
