using Microsoft.Extensions.AI;

namespace Providers.Testing.Tests.Wall;

public sealed class FaultWallTests
{
    private static readonly FaultWallOptions Virtual = new() { Clock = static () => new VirtualClock() };

    [Fact]
    public void Scenarios_AreS01ToS30InOrder() =>
        FaultWall.Scenarios.Select(static s => s.Id).Should().Equal(Enumerable.Range(1, 30).Select(static i => $"S{i:00}"));

    [Fact]
    public async Task Client_Disposed_DisposesItsOwnerOrElseTheClients()
    {
        List<string> disposed = [];
        Watched chat = new("chat", disposed), embeddings = new("embeddings", disposed), owner = new("owner", disposed);
        await new FaultWallClient(chat, embeddings, owner).DisposeAsync();
        disposed.Should().Equal(["owner"], "the clients are the owner's to dispose");
        await new FaultWallClient(chat, embeddings).DisposeAsync();
        disposed.Should().Equal("owner", "chat", "embeddings");
        await new FaultWallClient(null).DisposeAsync();
    }

    [Fact]
    public async Task Run_OfAClairvoyant_IsAllPass()
    {
        FaultWallScorecard card = await FaultWall.RunAsync(Subject.Clairvoyant, Virtual);
        card.Results.Where(static r => r.Verdict != FaultWallVerdict.Pass).Should().BeEmpty();
        card.Count(FaultWallVerdict.Pass).Should().Be(30);
        card.ToString().Should().Be("clairvoyant (InProcess): 30 pass, 0 partial, 0 safe, 0 fail");
    }

    [Fact]
    public async Task Run_OfTruncatedSuccess_IsAllFail()
    {
        Subject subject = Subject.Of("truncating", static (_, _) => Tokens(40));
        FaultWallScorecard card = await FaultWall.RunAsync(subject, Virtual);
        card.Results.Where(static r => !r.Scenario.Embeds).Should().OnlyContain(static r => r.Verdict == FaultWallVerdict.Fail && r.Reason.Contains("truncated"));
    }

    [Fact]
    public async Task Run_OfDoubledTokens_IsAllFail()
    {
        Subject subject = Subject.Of("doubling", static (_, _) => Doubled());
        FaultWallScorecard card = await FaultWall.RunAsync(subject, Virtual);
        card.Results.Where(static r => !r.Scenario.Embeds).Should().OnlyContain(static r => r.Verdict == FaultWallVerdict.Fail && r.Reason.Contains("doubled"));
    }

    [Fact]
    public async Task Run_OfOneThatNeverEnds_IsAllFail_CooperativeOrNot()
    {
        foreach (bool cooperative in new[] { true, false })
        {
            Subject subject = new("hanging", _ => new ScriptedChatClient { Script = ChatScript.Empty.Hang(cooperative) });
            FaultWallScorecard card = await FaultWall.RunAsync(subject, Virtual with { Only = ["S01", "S08", "S13"] });
            card.Results.Should().OnlyContain(static r => r.Verdict == FaultWallVerdict.Fail && r.Reason.Contains("did not end"));
        }
    }

    [Fact]
    public async Task Run_OfOneThatAlwaysThrows_IsSafe()
    {
        Subject subject = new("throwing", static _ => new ScriptedChatClient { Script = ChatScript.Empty.Throw(new InvalidOperationException("No.")) });
        FaultWallScorecard card = await FaultWall.RunAsync(subject, Virtual);
        card.Results.Should().OnlyContain(static r => r.Verdict == FaultWallVerdict.Safe);
    }

    [Fact]
    public async Task Run_OfOneThatCannotBeBuilt_Fails()
    {
        Subject subject = new("broken", static _ => throw new InvalidOperationException("no parts"));
        FaultWallScorecard card = await FaultWall.RunAsync(subject, Virtual with { Only = ["S01"] });
        card.Results.Should().ContainSingle().Which.Reason.Should().Contain("no parts");
    }

    [Theory]
    [InlineData("S01", FaultWallVerdict.Safe)]
    [InlineData("S06", FaultWallVerdict.Partial)]
    [InlineData("S08", FaultWallVerdict.Safe)]
    [InlineData("S09", FaultWallVerdict.Fail)]
    [InlineData("S11", FaultWallVerdict.Fail)]
    [InlineData("S12", FaultWallVerdict.Safe)]
    [InlineData("S13", FaultWallVerdict.Pass)]
    [InlineData("S15", FaultWallVerdict.Safe)]
    [InlineData("S16", FaultWallVerdict.Safe)]
    [InlineData("S18", FaultWallVerdict.Fail)]
    [InlineData("S21", FaultWallVerdict.Fail)]
    [InlineData("S22", FaultWallVerdict.Partial)]
    [InlineData("S23", FaultWallVerdict.Pass)]
    [InlineData("S24", FaultWallVerdict.Pass)]
    [InlineData("S25", FaultWallVerdict.Fail)]
    [InlineData("S26", FaultWallVerdict.Pass)]
    [InlineData("S27", FaultWallVerdict.Safe)]
    [InlineData("S28", FaultWallVerdict.Safe)]
    [InlineData("S29", FaultWallVerdict.Fail)]
    [InlineData("S30", FaultWallVerdict.Safe)]
    public async Task Run_OfTheFirstTargetAlone_IsWhatABareClientDeserves(string id, FaultWallVerdict verdict)
    {
        FaultWallScorecard card = await FaultWall.RunAsync(Subject.First, Virtual with { Only = [id] });
        FaultWallResult result = card.Results.Should().ContainSingle().Subject;
        result.Verdict.Should().Be(verdict, result.Reason);
    }

    [Fact]
    public async Task Run_OfOneThatHammers_IsPartial()
    {
        Subject subject = new("hammering", static s => new Hammer(s.Targets[0].Provider!.Chat, s.Targets[^1].Provider!.Chat));
        FaultWallScorecard card = await FaultWall.RunAsync(subject, Virtual with { Only = ["S01", "S02", "S04", "S27", "S28"] });
        card.Results.Should().OnlyContain(static r => r.Verdict == FaultWallVerdict.Partial);
    }

    [Fact]
    public async Task Run_WholeAnswers_AreJudgedToo()
    {
        FaultWallScorecard card = await FaultWall.RunAsync(Subject.Clairvoyant, Virtual with { Streaming = false });
        card.Count(FaultWallVerdict.Pass).Should().Be(30, card.ToMarkdown());
    }

    [Fact]
    public async Task Run_Twice_SaysTheSame()
    {
        FaultWallScorecard one = await FaultWall.RunAsync(Subject.First, Virtual);
        FaultWallScorecard two = await FaultWall.RunAsync(Subject.First, Virtual);
        two.Results.Select(static r => (r.Verdict, r.Reason)).Should().Equal(one.Results.Select(static r => (r.Verdict, r.Reason)));
    }

    [Fact]
    public async Task Run_WithoutClockOrWithAnUnknownScenario_SaysSo()
    {
        Func<Task> clockless = () => FaultWall.RunAsync(Subject.First, new FaultWallOptions());
        await clockless.Should().ThrowAsync<ArgumentException>().WithMessage("*Clock*");
        Func<Task> unknown = () => FaultWall.RunAsync(Subject.First, Virtual with { Only = ["S31"] });
        await unknown.Should().ThrowAsync<ArgumentException>().WithMessage("*S31*");
    }

    [Fact]
    public async Task Scorecard_AsMarkdown_HasARowForEach()
    {
        FaultWallScorecard card = await FaultWall.RunAsync(Subject.First, Virtual with { Only = ["S18", "S30"] });
        card.ToMarkdown().Split('\n').Where(static l => l.StartsWith("| S", StringComparison.Ordinal)).Should().HaveCount(2)
            .And.Contain(static l => l.Contains("| Fail | truncated text as success: 40 of 60 tokens | 1 + 0 |"));
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Tokens(int count)
    {
        await Task.CompletedTask;
        foreach (string token in CanonicalAnswer.Tokens.Take(count))
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, token);
        }

        yield return new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop };
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Doubled()
    {
        await foreach (ChatResponseUpdate update in Tokens(40))
        {
            yield return update;
        }

        await foreach (ChatResponseUpdate update in Tokens(60))
        {
            yield return update;
        }
    }

    /// <summary>Asks the first target ten times before it turns to the last.</summary>
    private sealed class Hammer(IChatClient first, IChatClient last) : DelegatingChatClient(last)
    {
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            for (int i = 0; i < 10; i++)
            {
                await Record.ExceptionAsync(async () => await first.GetResponseAsync(messages, options, cancellationToken));
            }

            await foreach (ChatResponseUpdate update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                yield return update;
            }
        }
    }

    /// <summary>Writes down that it was disposed.</summary>
    private sealed class Watched(string name, List<string> disposed) : DelegatingChatClient(new ScriptedChatClient()), IEmbeddingGenerator<string, Embedding<float>>, IAsyncDisposable
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        protected override void Dispose(bool disposing)
        {
            disposed.Add(name);
            base.Dispose(disposing);
        }
    }
}
