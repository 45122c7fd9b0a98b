using Microsoft.Extensions.DependencyInjection;
using Providers.Tests.Support;

namespace Providers.Tests.Failover;

public sealed class ChatFailoverTests
{
    private readonly FakeProvider _first = new("first");
    private readonly FakeProvider _second = new("second");

    [Fact]
    public async Task Answer_FirstServes_SaysWhoServed()
    {
        await using TestComposite composite = new([_first, _second]);
        ChatResponse response = await composite.AskAsync();
        response.Text.Should().Be("ok");
        response.GetProvider().Should().Be("first");
        response.GetAttempts().Should().Be(1);
        response.AdditionalProperties.Should().NotContainKey(ResponseAnnotations.Trail);
        _second.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData(FailureKind.Unknown)]
    [InlineData(FailureKind.Transient)]
    [InlineData(FailureKind.RateLimited)]
    [InlineData(FailureKind.Overloaded)]
    [InlineData(FailureKind.ModelLoading)]
    [InlineData(FailureKind.ModelMissing)]
    [InlineData(FailureKind.AuthFailed)]
    [InlineData(FailureKind.QuotaExhausted)]
    [InlineData(FailureKind.TimedOut)]
    [InlineData(FailureKind.ConnectionLost)]
    [InlineData(FailureKind.InvalidResponse)]
    public async Task Answer_FirstFails_SecondServes(FailureKind kind)
    {
        _first.Fails(kind);
        await using TestComposite composite = new([_first, _second]);
        ChatResponse response = await composite.AskAsync();
        response.GetProvider().Should().Be("second");
        response.GetAttempts().Should().Be(2);
        response.AdditionalProperties![ResponseAnnotations.Trail].Should().BeAssignableTo<IReadOnlyList<TargetOutcome>>()
            .Which.Should().ContainSingle().Which.Failure!.Kind.Should().Be(kind);
        _first.Calls.Should().HaveCount(1);

        Reading streamed = await Reading.OfAsync(composite.Stream());
        streamed.Text.Should().Be(Reply.Canonical, "streaming takes the same way");
    }

    [Theory]
    [InlineData(FailureKind.BadRequest)]
    [InlineData(FailureKind.ContentFiltered)]
    [InlineData(FailureKind.ContextLengthExceeded)]
    public async Task Answer_FaultOfTheRequest_SurfacesAtOnce(FailureKind kind)
    {
        _first.Fails(kind);
        await using TestComposite composite = new([_first, _second]);
        ProviderException error = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<ProviderException>()).Which;
        error.Kind.Should().Be(kind);
        error.Provider.Should().Be("first");
        error.Attempts.Should().ContainSingle();
        _second.Calls.Should().BeEmpty();

        Reading streamed = await Reading.OfAsync(composite.Stream());
        streamed.Error.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(kind);
        _second.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Answer_AllFail_ListsEveryTargetWithItsCause()
    {
        _first.Fails(FailureKind.AuthFailed);
        _second.Fails(FailureKind.ModelMissing);
        await using TestComposite composite = new([_first, _second]);
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets.Select(static t => (t.Provider, t.Failure!.Kind)).Should().Equal(("first", FailureKind.AuthFailed), ("second", FailureKind.ModelMissing));
        error.InnerException.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.ModelMissing);
        error.RetryAfter.Should().Be(TimeSpan.FromSeconds(60));
        error.Message.Should().Contain("first").And.Contain("second").And.Contain("60.0 s");
    }

    [Fact]
    public async Task Answer_AllFailAndFirstIsReported_InnerIsTheFirst()
    {
        _first.Fails(FailureKind.AuthFailed);
        _second.Fails(FailureKind.ModelMissing);
        await using TestComposite composite = new([_first, _second], static o => o.ReportedFailure = ReportedFailure.First);
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.InnerException.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.AuthFailed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_FirstHangs_SecondServesAtTheAttemptDeadline(bool obeysToken)
    {
        _first.Hangs(obeysToken);
        await using TestComposite composite = new([_first, _second], static o => o.Timeouts.Attempt = TimeSpan.FromSeconds(30));
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(29.9));
        task.IsCompleted.Should().BeFalse();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.1));
        task.IsCompleted.Should().BeTrue("a client that ignores its token is left behind");
        (await task).GetProvider().Should().Be("second");
    }

    [Fact]
    public async Task Answer_EverybodyHangs_EndsExactlyAtTheTotalDeadline()
    {
        _first.Hangs(obeysToken: false);
        _second.Hangs(obeysToken: false);
        await using TestComposite composite = new([_first, _second], static o =>
        {
            o.Timeouts.Total = TimeSpan.FromSeconds(50);
            o.Timeouts.Attempt = TimeSpan.FromSeconds(30);
        });
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(30));
        composite.Clock.Advance(TimeSpan.FromSeconds(19.999));
        task.IsCompleted.Should().BeFalse();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.001));
        task.IsCompleted.Should().BeTrue();
        ProviderException error = (await FluentActions.Awaiting(() => task).Should().ThrowAsync<ProviderException>()).Which;
        error.Kind.Should().Be(FailureKind.TimedOut);
        error.Message.Should().Contain("total deadline");
    }

    [Fact]
    public async Task Answer_CallerCancels_EndsWithTheCallersTokenAndBlamesNobody()
    {
        _first.Hangs(obeysToken: false);
        await using TestComposite composite = new([_first, _second]);
        using CancellationTokenSource source = new();
        Task<ChatResponse> task = composite.AskAsync(token: source.Token);
        await source.CancelAsync();
        OperationCanceledException error = (await FluentActions.Awaiting(() => task).Should().ThrowAsync<OperationCanceledException>()).Which;
        error.CancellationToken.Should().Be(source.Token);
        _second.Calls.Should().BeEmpty();
        composite.Catalog.GetProviders()[0].Targets[0].Failures.Should().Be(0);
        composite.Catalog.GetProviders()[0].InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Answer_ProviderCancelsByItself_IsATimeOutAndFailsOver()
    {
        _first.Answer = static (_, _) => Task.FromException<ChatResponse>(new TaskCanceledException());
        await using TestComposite composite = new([_first, _second]);
        ChatResponse response = await composite.AskAsync();
        response.GetProvider().Should().Be("second");
        composite.Catalog.GetProviders()[0].Targets[0].LastFailure.Should().Be(FailureKind.TimedOut);
    }

    /// <summary>As an SDK with a time-out of its own does: its async method ends cancelled, not faulted.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_AsyncClientGivesUpWaiting_IsATimeOutWithItsCause(bool streamed)
    {
        _first.Answer = static async (_, _) =>
        {
            await Task.CompletedTask;
            throw new TaskCanceledException("after 100 s", new TimeoutException());
        };
        _first.Stream = static (_, _) => Reply.Throws(new TaskCanceledException("after 100 s", new TimeoutException()));
        await using TestComposite composite = new([_first], static o => o.Retry.MaxRetries = 0);
        Exception? error = streamed
            ? (await Reading.OfAsync(composite.Stream())).Error
            : (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Should().BeOfType<NoProvidersAvailableException>().Which.Targets[0].Failure.Should().Match<ProviderFailure>(static f =>
            f.Kind == FailureKind.TimedOut && f.Message.Contains("cancelled the request itself") && f.Message.Contains("after 100 s"));
        error!.InnerException!.InnerException.Should().BeOfType<TaskCanceledException>().Which.InnerException.Should().BeOfType<TimeoutException>();
    }

    [Theory]
    [InlineData(30, 50, "No answer within 30 s: the attempt's deadline passed.")]
    [InlineData(60, 50, "No answer within 50 s: the request's total deadline passed.")]
    public async Task Answer_Hangs_SaysWhichDeadlinePassed(int attempt, int total, string message)
    {
        _first.Hangs();
        await using TestComposite composite = new([_first], o => (o.Timeouts.Attempt, o.Timeouts.Total, o.Retry.MaxRetries) = (TimeSpan.FromSeconds(attempt), TimeSpan.FromSeconds(total), 0));
        Exception error = (await FluentActions.Awaiting(() => composite.RunAsync(composite.AskAsync())).Should().ThrowAsync<Exception>()).Which;
        (error is NoProvidersAvailableException none ? none.Targets[0].Failure! : ((ProviderException)error).Failure).Message.Should().Be(message);
    }

    [Fact]
    public async Task Answer_OneTargetFailsOnce_IsRetriedAfterABackoff()
    {
        _first.Fails(FailureKind.Transient, times: 1);
        await using TestComposite composite = new([_first]);
        Task<ChatResponse> task = composite.AskAsync();
        task.IsCompleted.Should().BeFalse();
        (await composite.RunAsync(task, TimeSpan.FromSeconds(1))).GetAttempts().Should().Be(2);
    }

    [Fact]
    public async Task Answer_RateLimitedOnlyTarget_WaitsAsLongAsItWasTold()
    {
        _first.Fails(FailureKind.RateLimited, TimeSpan.FromSeconds(20), times: 1);
        await using TestComposite composite = new([_first]);
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(19.9));
        task.IsCompleted.Should().BeFalse();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.2));
        (await composite.RunAsync(task, TimeSpan.FromSeconds(5))).GetAttempts().Should().Be(2);
    }

    [Fact]
    public async Task Answer_RetryAfterBeyondTheDeadline_FailsAtOnceAndSaysWhen()
    {
        _first.Fails(FailureKind.RateLimited, TimeSpan.FromSeconds(411_000));
        await using TestComposite composite = new([_first]);
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.RetryAfter.Should().Be(TimeSpan.FromMinutes(10), "no Retry-After is believed beyond MaxRetryAfter");
    }

    [Fact]
    public async Task Answer_TooLongForTheFirst_GoesToALargerContext()
    {
        _first.Fails(FailureKind.ContextLengthExceeded);
        _first.Descriptor = new("first", "Fake") { Models = [new ModelDescriptor("small") { ContextWindow = 2_048 }] };
        FakeProvider same = new("same") { Descriptor = new("same", "Fake") { Models = [new ModelDescriptor("small2") { ContextWindow = 2_048 }] } };
        FakeProvider large = new("large") { Descriptor = new("large", "Fake") { Models = [new ModelDescriptor("large") { ContextWindow = 32_768 }] } };
        await using TestComposite composite = new([_first, same, large]);
        (await composite.AskAsync()).GetProvider().Should().Be("large");
        same.Calls.Should().BeEmpty();
        composite.Catalog.GetProviders()[0].Targets[0].Circuit.Should().Be(CircuitState.Closed);
    }

    [Fact]
    public async Task Answer_MissingCapability_GoesOnToATargetThatMayHaveIt()
    {
        _first.Answer = static (_, _) => Task.FromException<ChatResponse>(new ProviderException(
            new ProviderFailure(FailureKind.BadRequest, "no tools") { MissingCapability = ModelCapabilities.Tools }));
        await using TestComposite composite = new([_first, _second]);
        (await composite.AskAsync()).GetProvider().Should().Be("second");
    }

    [Fact]
    public async Task Answer_JudgeRefusesTheFirst_SecondServes()
    {
        _first.Answer = static (_, _) => Task.FromResult(Reply.Whole("bad"));
        await using TestComposite composite = new([_first, _second], static o => { }, static b => b.AddRoute("chat", route =>
        {
            route.Targets.Add(new TargetOptions { Provider = "first" });
            route.Targets.Add(new TargetOptions { Provider = "second" });
            route.Accept = static (response, _) => new ValueTask<bool>(response.Text != "bad");
        }));
        ChatResponse response = await composite.AskAsync();
        response.GetProvider().Should().Be("second");
        composite.Catalog.GetProviders()[0].Targets[0].LastFailure.Should().Be(FailureKind.InvalidResponse);
    }

    [Fact]
    public async Task Answer_JudgeThrows_IsAFailureOfTheAnswer()
    {
        await using TestComposite composite = new([_first], static o => { }, static b => b.AddRoute("chat", route =>
        {
            route.Targets.Add(new TargetOptions { Provider = "first" });
            route.Accept = static (_, _) => throw new InvalidOperationException("broken judge");
        }));
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets[0].Failure!.Message.Should().Contain("broken judge");
    }

    [Fact]
    public async Task Answer_CallersObjects_AreNeverChanged()
    {
        _first.Fails(FailureKind.Transient);
        await using TestComposite composite = new([_first, _second], static o => { }, static b => b
            .AddRoute("chat", r =>
            {
                r.Targets.Add(new TargetOptions { Provider = "first", Model = "m1", ConfigureOptions = static o => o.Temperature = 0 });
                r.Targets.Add(new TargetOptions { Provider = "second", Model = "m2" });
            }));
        ChatOptions options = new RequestPreferences { TotalTimeout = TimeSpan.FromMinutes(1) }.ApplyTo(new ChatOptions { ModelId = "chat", Temperature = 0.5f });
        await composite.AskAsync(options);
        options.ModelId.Should().Be("chat");
        options.Temperature.Should().Be(0.5f);
        options.AdditionalProperties.Should().ContainKey(RequestPreferences.Key);
        _first.Calls[0].Options!.ModelId.Should().Be("m1");
        _first.Calls[0].Options!.Temperature.Should().Be(0);
        _second.Calls[0].Options!.ModelId.Should().Be("m2");
        _second.Calls[0].Options!.Temperature.Should().Be(0.5f);
        _second.Calls[0].Options!.AdditionalProperties.Should().NotContainKey(RequestPreferences.Key);
    }

    [Fact]
    public async Task Answer_MessagesAreAOneShotSequence_EveryAttemptSeesThemAll()
    {
        _first.Fails(FailureKind.Transient);
        await using TestComposite composite = new([_first, _second]);
        int reads = 0;
        IEnumerable<ChatMessage> Once()
        {
            reads++;
            yield return new ChatMessage(ChatRole.User, "a");
            yield return new ChatMessage(ChatRole.User, "b");
        }

        await composite.Chat.GetResponseAsync(Once());
        reads.Should().Be(1);
        _second.Calls[0].Messages.Should().HaveCount(2);
    }

    [Fact]
    public async Task Answer_FailoverDisabled_OnlyTheFirstChoiceIsAsked()
    {
        _first.Fails(FailureKind.ConnectionLost);
        await using TestComposite composite = new([_first, _second], static o => o.Retry.MaxRetries = 0);
        ChatOptions options = new RequestPreferences { DisableFailover = true }.ApplyTo((ChatOptions?)null);
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.AskAsync(options)).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets[1].Skipped.Should().Be(SkipReason.Excluded);
        (await Reading.OfAsync(composite.Stream(options))).Error.Should().BeOfType<NoProvidersAvailableException>("the opt-out reaches the streaming path");
        _second.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Answer_OrderGiven_IsFollowedAndOthersAreLeftOut()
    {
        FakeProvider third = new("third");
        _second.Fails(FailureKind.ConnectionLost);
        await using TestComposite composite = new([_first, _second, third]);
        ChatOptions options = new RequestPreferences { Order = ["second", "third"] }.ApplyTo((ChatOptions?)null);
        (await composite.AskAsync(options)).GetProvider().Should().Be("third");
        _first.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Answer_MarkedLocal_NeverLeavesLocalProvidersWhateverFails()
    {
        _first.Descriptor = new("first", "Fake") { IsLocal = true };
        _first.Fails(FailureKind.ConnectionLost);
        await using TestComposite composite = new([_first, _second], static o => o.Retry.MaxRetries = 0);
        ChatOptions options = new RequestPreferences { LocalOnly = true }.ApplyTo((ChatOptions?)null);
        for (int i = 0; i < 20; i++)
        {
            await FluentActions.Awaiting(() => composite.AskAsync(options)).Should().ThrowAsync<NoProvidersAvailableException>();
        }

        _second.Calls.Should().BeEmpty();
    }
}
