using Microsoft.Extensions.DependencyInjection;
using Providers.Tests.Support;

namespace Providers.Tests.Streaming;

public sealed class StreamFailoverTests
{
    private readonly FakeProvider _first = new("first");
    private readonly FakeProvider _second = new("second");

    [Fact]
    public async Task Stream_FirstServes_EveryUpdateOnceAndTheFirstSaysWhoServed()
    {
        await using TestComposite composite = new([_first, _second]);
        Reading reading = await Reading.OfAsync(composite.Stream());
        reading.Error.Should().BeNull();
        reading.Text.Should().Be(Reply.Canonical);
        reading.Updates.Should().HaveCount(63, "a role, 60 tokens, a finish and a usage went in");
        reading.Updates.ToChatResponse().GetProvider().Should().Be("first");
        reading.Updates.Count(static u => u.AdditionalProperties is not null).Should().Be(1);
        reading.Updates.SelectMany(static u => u.Contents).OfType<UsageContent>().Should().ContainSingle().Which.Details.TotalTokenCount.Should().Be(67);
    }

    [Fact]
    public async Task Stream_RoleOnlyThenFailure_IsInvisible()
    {
        _first.Stream = static (_, _) => Reply.Tokens(to: 0, then: new IOException("gone"));
        await using TestComposite composite = new([_first, _second]);
        Reading reading = await Reading.OfAsync(composite.Stream());
        reading.Text.Should().Be(Reply.Canonical);
        reading.Updates[0].AdditionalProperties![ResponseAnnotations.Provider].Should().Be("second");
        reading.Updates.Count(static u => u.Role is not null && u.Text.Length == 0).Should().Be(1, "the dead stream's role update was held back");
    }

    [Fact]
    public async Task Stream_CutAtEveryIndex_NothingIsLostDoubledOrMovedAndTheErrorIsHonest()
    {
        for (int cut = 0; cut <= Reply.Length; cut++)
        {
            foreach (bool clean in (bool[])[true, false])
            {
                FakeProvider first = new("first") { Stream = (_, _) => Reply.Tokens(to: cut, finish: false, then: clean ? null : new IOException("reset")) };
                await using TestComposite composite = new([first, new FakeProvider("second")]);
                Reading reading = await Reading.OfAsync(composite.Stream());
                if (cut == 0)
                {
                    reading.Error.Should().BeNull();
                    reading.Text.Should().Be(Reply.Canonical);
                    continue;
                }

                ProviderException error = reading.Error.Should().BeOfType<ProviderException>("cut at {0}", cut).Which;
                error.OutputCommitted.Should().BeTrue();
                error.Kind.Should().Be(FailureKind.ConnectionLost);
                reading.Text.Should().Be(string.Concat(Enumerable.Range(0, cut).Select(Reply.Token)));
                error.PartialResponse!.Text.Should().Be(reading.Text);
                composite.Catalog.GetProviders()[0].Targets[0].Failures.Should().Be(1);
            }
        }
    }

    [Fact]
    public async Task Stream_CutAtEveryIndexWithContinue_TheAnswerIsWhole()
    {
        for (int cut = 1; cut <= Reply.Length; cut++)
        {
            // The second goes on exactly, repeats the tail, or starts all over: the caller sees one whole answer.
            foreach (int from in (int[])[cut, Math.Max(0, cut - 5), 0])
            {
                FakeProvider first = new("first") { Stream = (_, _) => Reply.Tokens(to: cut, finish: false) };
                FakeProvider second = new("second") { Stream = (_, _) => Reply.Tokens(from) };
                await using TestComposite composite = new([first, second], static o => o.Streams.Recovery = StreamRecovery.Continue);
                Reading reading = await Reading.OfAsync(composite.Stream());
                reading.Error.Should().BeNull("cut {0}, continued from {1}", cut, from);
                reading.Text.Should().Be(Reply.Canonical, "cut {0}, continued from {1}", cut, from);
                second.Calls[0].Messages[^1].Role.Should().Be(ChatRole.Assistant);
                second.Calls[0].Messages[^1].Text.Should().Be(string.Concat(Enumerable.Range(0, cut).Select(Reply.Token)));
                reading.Updates.Count(static u => u.AdditionalProperties?.ContainsKey(ResponseAnnotations.Seam) is true).Should().Be(1);
                reading.Updates.SelectMany(static u => u.Contents).OfType<UsageContent>().Should().ContainSingle();
            }
        }
    }

    [Fact]
    public async Task Stream_ContinuationFailsToo_TheCallerSeesTheFailureThatBrokeTheStream()
    {
        _first.Stream = static (_, _) => Reply.Tokens(to: 10, finish: false);
        _second.Fails(FailureKind.Overloaded);
        await using TestComposite composite = new([_first, _second], static o =>
        {
            o.Streams.Recovery = StreamRecovery.Continue;
            o.Streams.ContinuationPrompt = "Go on.";
            o.Retry.MaxRetries = 0;
        });
        Reading reading = await Reading.OfAsync(composite.Stream());
        ProviderException error = reading.Error.Should().BeOfType<ProviderException>().Which;
        error.Provider.Should().Be("first");
        error.PartialResponse!.Text.Should().Be(reading.Text);
        _second.Calls[0].Messages[^1].Text.Should().Be("Go on.");
    }

    [Fact]
    public async Task Stream_CutInsideAToolCall_TheCallIsNotReleasedAndTheNextTargetServes()
    {
        _first.Stream = static (_, _) => Reply.Of(new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("1", "delete_all")]));
        await using TestComposite composite = new([_first, _second]);
        Reading reading = await Reading.OfAsync(composite.Stream());
        reading.Text.Should().Be(Reply.Canonical);
        reading.Updates.SelectMany(static u => u.Contents).Should().NotContain(static c => c is FunctionCallContent);
    }

    [Fact]
    public async Task Stream_CutAfterTextInsideAToolCall_FailsWithoutTheCall()
    {
        _first.Stream = static (_, _) => Reply.Of(
            new ChatResponseUpdate(ChatRole.Assistant, "Let me see. "),
            new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("1", "delete_all")]));
        await using TestComposite composite = new([_first, _second], static o => o.Streams.Recovery = StreamRecovery.Continue);
        Reading reading = await Reading.OfAsync(composite.Stream());
        reading.Error.Should().BeOfType<ProviderException>("a stream is never continued inside a tool call");
        reading.Updates.SelectMany(static u => u.Contents).Should().NotContain(static c => c is FunctionCallContent);
        _second.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Stream_ToolCallWithFinish_IsReleasedInOrder()
    {
        _first.Stream = static (_, _) => Reply.Of(
            new ChatResponseUpdate(ChatRole.Assistant, "a"),
            new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("1", "x")]),
            new ChatResponseUpdate(ChatRole.Assistant, "b"),
            new ChatResponseUpdate { FinishReason = ChatFinishReason.ToolCalls });
        await using TestComposite composite = new([_first]);
        Reading reading = await Reading.OfAsync(composite.Stream());
        reading.Updates.SelectMany(static u => u.Contents).Select(static c => c is TextContent t ? t.Text : "call").Should().Equal("a", "call", "b");
        reading.Updates[^1].FinishReason.Should().Be(ChatFinishReason.ToolCalls);
    }

    [Fact]
    public async Task Stream_UsageOnEveryChunk_TheLastCountsOnce()
    {
        _first.Stream = static (_, _) => Reply.Of(
            new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("a"), Reply.Usage(3, 1).Contents[0]]),
            new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("b"), Reply.Usage(3, 2).Contents[0]]),
            new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop, Contents = [Reply.Usage(3, 2).Contents[0]] });
        await using TestComposite composite = new([_first]);
        ChatResponse response = (await Reading.OfAsync(composite.Stream())).Updates.ToChatResponse();
        response.Text.Should().Be("ab");
        response.Usage!.TotalTokenCount.Should().Be(5);
    }

    [Fact]
    public async Task Stream_NoContentForTooLong_SecondServesAtTheFirstContentDeadline()
    {
        _first.Hangs(obeysToken: false);
        await using TestComposite composite = new([_first, _second], static o => o.Timeouts.FirstContent = TimeSpan.FromSeconds(20));
        Task<Reading> task = Reading.OfAsync(composite.Stream());
        composite.Clock.Advance(TimeSpan.FromSeconds(19.9));
        task.IsCompleted.Should().BeFalse();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.1));
        task.IsCompleted.Should().BeTrue();
        (await task).Text.Should().Be(Reply.Canonical);
    }

    [Fact]
    public async Task Stream_EmptyUpdatesForEver_DoNotCountAsContent()
    {
        await using TestComposite composite = new([_first, _second], static o => o.Timeouts.FirstContent = TimeSpan.FromSeconds(20));
        _first.Stream = (_, token) => Noise(composite.Clock, token);
        Reading reading = await composite.RunAsync(Reading.OfAsync(composite.Stream()), TimeSpan.FromSeconds(20));
        reading.Text.Should().Be(Reply.Canonical);

        static async IAsyncEnumerable<ChatResponseUpdate> Noise(TimeProvider clock, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), clock, token);
                yield return new ChatResponseUpdate(ChatRole.Assistant, "");
            }
        }
    }

    [Fact]
    public async Task Stream_SilentAfterTokens_FailsAtTheGapDeadlineWithWhatArrived()
    {
        _first.Stream = static (_, _) => Reply.Silence(20, default);
        await using TestComposite composite = new([_first, _second], static o => o.Timeouts.Gap = TimeSpan.FromSeconds(15));
        Task<Reading> task = Reading.OfAsync(composite.Stream());
        composite.Clock.Advance(TimeSpan.FromSeconds(14.9));
        task.IsCompleted.Should().BeFalse();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.1));
        ProviderException error = (await task).Error.Should().BeOfType<ProviderException>().Which;
        error.Kind.Should().Be(FailureKind.TimedOut);
        error.PartialResponse!.Text.Should().Be(string.Concat(Enumerable.Range(0, 20).Select(Reply.Token)));
        error.Message.Should().Contain("15 s").And.Contain("20 updates");
    }

    [Fact]
    public async Task Stream_SlowButSteady_IsNotCut()
    {
        await using TestComposite composite = new([_first], static o => o.Timeouts.Gap = TimeSpan.FromSeconds(15));
        _first.Stream = (_, token) => Reply.Paced(composite.Clock, TimeSpan.FromSeconds(5), token: token);
        Reading reading = await composite.RunAsync(Reading.OfAsync(composite.Stream()), TimeSpan.FromMinutes(6), TimeSpan.FromSeconds(1));
        reading.Error.Should().BeNull();
        reading.Text.Should().Be(Reply.Canonical);
    }

    [Fact]
    public async Task Stream_TotalDeadline_CoversTheBody()
    {
        await using TestComposite composite = new([_first, _second], static o => o.Timeouts.Total = TimeSpan.FromSeconds(60));
        _first.Stream = (_, token) => Reply.Paced(composite.Clock, TimeSpan.FromSeconds(5), token: token);
        Task<Reading> task = Reading.OfAsync(composite.Stream());
        await composite.RunAsync(task, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1));
        (await task).Error.Should().BeOfType<ProviderException>().Which.Message.Should().Contain("total deadline");
    }

    [Fact]
    public async Task Stream_SlowerThanTheMinimumRate_SecondServes()
    {
        await using TestComposite composite = new([_first, _second], static o => o.Streams.MinimumUpdatesPerSecond = 2);
        _first.Stream = (_, token) => Reply.Paced(composite.Clock, TimeSpan.FromSeconds(5), token: token);
        Reading reading = await composite.RunAsync(Reading.OfAsync(composite.Stream()), TimeSpan.FromSeconds(20));
        reading.Text.Should().Be(Reply.Canonical);
        reading.Updates.ToChatResponse().GetProvider().Should().Be("second");
    }

    [Fact]
    public async Task Stream_FastEnough_PassesTheMinimumRate()
    {
        await using TestComposite composite = new([_first, _second], static o => o.Streams.MinimumUpdatesPerSecond = 2);
        _first.Stream = (_, token) => Reply.Paced(composite.Clock, TimeSpan.FromSeconds(0.2), token: token);
        Reading reading = await composite.RunAsync(Reading.OfAsync(composite.Stream()), TimeSpan.FromMinutes(1));
        reading.Updates.ToChatResponse().GetProvider().Should().Be("first");
        reading.Text.Should().Be(Reply.Canonical);
    }

    [Fact]
    public async Task Stream_FinishedButNeverEnded_EndsPromptly()
    {
        await using TestComposite composite = new([_first, _second]);
        _first.Stream = (_, token) => Endless(token);
        Reading reading = await composite.RunAsync(Reading.OfAsync(composite.Stream()), TimeSpan.FromSeconds(1.2));
        reading.Error.Should().BeNull();
        reading.Text.Should().Be(Reply.Canonical);
        composite.Catalog.GetProviders()[0].Targets[0].Successes.Should().Be(1);

        static async IAsyncEnumerable<ChatResponseUpdate> Endless([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            await foreach (ChatResponseUpdate update in Reply.Tokens())
            {
                yield return update;
            }

            await Reply.Never<int>(token);
        }
    }

    [Fact]
    public async Task Stream_BreaksAfterItsFinish_IsComplete()
    {
        _first.Stream = static (_, _) => Broken();
        await using TestComposite composite = new([_first, _second]);
        Reading reading = await Reading.OfAsync(composite.Stream());
        reading.Error.Should().BeNull();
        reading.Text.Should().Be("all");

        static async IAsyncEnumerable<ChatResponseUpdate> Broken()
        {
            await Task.CompletedTask;
            yield return new ChatResponseUpdate(ChatRole.Assistant, "all") { FinishReason = ChatFinishReason.Stop };
            throw new IOException("reset");
        }
    }

    [Theory]
    [InlineData(false, null, "first")]
    [InlineData(true, FailureKind.InvalidResponse, "second")]
    public async Task Stream_EmptyButFinished_IsAnAnswerUnlessTheHostSaysOtherwise(bool emptyIsFailure, FailureKind? kind, string served)
    {
        _first.Stream = static (_, _) => Reply.Of(new ChatResponseUpdate { Role = ChatRole.Assistant, FinishReason = ChatFinishReason.Stop });
        await using TestComposite composite = new([_first, _second], o => o.Streams.EmptyIsFailure = emptyIsFailure);
        Reading reading = await Reading.OfAsync(composite.Stream());
        reading.Updates.ToChatResponse().GetProvider().Should().Be(served);
        composite.Catalog.GetProviders()[0].Targets[0].LastFailure.Should().Be(kind);
    }

    [Fact]
    public async Task Stream_CallerStopsReading_AttemptIsCancelledAndItsPlaceFreed()
    {
        CancellationToken seen = default;
        _first.Stream = (_, token) =>
        {
            seen = token;
            return Reply.Tokens();
        };
        await using TestComposite composite = new([_first]);
        await foreach (ChatResponseUpdate _ in composite.Stream())
        {
            break;
        }

        seen.IsCancellationRequested.Should().BeTrue();
        ProviderStatus status = composite.Catalog.GetProviders()[0];
        status.InFlight.Should().Be(0);
        status.Targets[0].InFlight.Should().Be(0);
        status.Targets[0].Failures.Should().Be(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_CallerCancelsMidway_EndsAtOnceEvenIfTheClientIgnoresIt(bool obeysToken)
    {
        _first.Stream = (_, token) => Reply.Silence(5, obeysToken ? token : default);
        await using TestComposite composite = new([_first]);
        using CancellationTokenSource source = new();
        Task<Reading> task = Reading.OfAsync(composite.Stream(), source.Token);
        await source.CancelAsync();
        task.IsCompleted.Should().BeTrue();
        (await task).Error.Should().BeAssignableTo<OperationCanceledException>();
        composite.Catalog.GetProviders()[0].InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Stream_ClientEndsNormallyOnCancel_IsACancelNotASuccess()
    {
        using CancellationTokenSource source = new();
        _first.Stream = (_, _) => EndsQuietly(source);
        await using TestComposite composite = new([_first]);
        Reading reading = await Reading.OfAsync(composite.Stream(token: source.Token));
        reading.Error.Should().BeAssignableTo<OperationCanceledException>();

        static async IAsyncEnumerable<ChatResponseUpdate> EndsQuietly(CancellationTokenSource source)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, "a");
            await source.CancelAsync();
        }
    }

    [Theory]
    [InlineData(true, "second")]
    [InlineData(false, "first")]
    public async Task Answer_WithoutFinishReason_IsCutUnlessTheHostKnowsBetter(bool required, string served)
    {
        _first.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "half")));
        _first.Stream = static (_, _) => Reply.Of(new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("")]));
        await using TestComposite composite = new([_first, _second], o => o.Streams.RequireFinishReason = required);
        (await composite.AskAsync()).GetProvider().Should().Be(served);
        Reading reading = await Reading.OfAsync(composite.Stream());
        reading.Updates.ToChatResponse().GetProvider().Should().Be(served);
    }

    [Fact]
    public async Task Stream_ReadTwice_AsksTwice()
    {
        await using TestComposite composite = new([_first]);
        IAsyncEnumerable<ChatResponseUpdate> stream = composite.Stream();
        (await Reading.OfAsync(stream)).Text.Should().Be(Reply.Canonical);
        (await Reading.OfAsync(stream)).Text.Should().Be(Reply.Canonical);
        _first.Calls.Should().HaveCount(2);
    }

    [Fact]
    public async Task Stream_ClientThrowsBeforeItsIterator_FailsOver()
    {
        ThrowingClient client = new();
        await using TestComposite composite = new([_second], build: b => b.AddChatClient("broken", _ => client), configure: static o =>
        {
            RouteOptions route = new();
            route.Targets.Add(new TargetOptions { Provider = "broken" });
            route.Targets.Add(new TargetOptions { Provider = "second" });
            o.Routes["chat"] = route;
        });
        (await Reading.OfAsync(composite.Stream())).Text.Should().Be(Reply.Canonical);
        (await composite.AskAsync()).GetProvider().Should().Be("second");
    }

    private sealed class ThrowingClient : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new IOException("no");

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new IOException("no");

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
