using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Providers.Tests.Support;

namespace Providers.Tests.Routing;

/// <summary>What is kept of an attempt's outcome: the circuit, the pause, the limits, the trail, the log.</summary>
public sealed class OutcomeTests
{
    private readonly FakeProvider _first = new("first");
    private readonly FakeProvider _second = new("second");

    [Fact]
    public async Task Served_IsInTheStatus()
    {
        await using TestComposite composite = new([_first, _second]);
        _first.Answer = async (_, token) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(2), composite.Clock, token);
            return Reply.Whole("ok");
        };
        Task<ChatResponse> task = composite.AskAsync();
        composite.Catalog.GetProviders()[0].Should().Match<ProviderStatus>(static p => p.InFlight == 1 && p.Targets[0].InFlight == 1);
        await composite.RunAsync(task);
        composite.Catalog.GetProviders()[0].Targets[0].Should().Match<TargetStatus>(static t =>
            t.Successes == 1 && t.Failures == 0 && t.Latency == TimeSpan.FromSeconds(2) && t.InFlight == 0 && t.LastFailure == null);
    }

    [Theory]
    [InlineData(FailureKind.AuthFailed, null, CircuitState.Open, 60)] // refused: not to be asked again soon
    [InlineData(FailureKind.QuotaExhausted, null, CircuitState.Open, 300)]
    [InlineData(FailureKind.QuotaExhausted, 7, CircuitState.Closed, 7)] // it said for how long
    [InlineData(FailureKind.Transient, null, CircuitState.Closed, 0)]
    [InlineData(FailureKind.Transient, 7, CircuitState.Closed, 7)]
    [InlineData(FailureKind.Overloaded, 100_000, CircuitState.Closed, 600)] // no more than MaxRetryAfter
    [InlineData(FailureKind.ModelLoading, null, CircuitState.Closed, 2)]
    public async Task Failure_LeavesTheTargetAlone_AsLongAsItSaysOrItsKindAsks(FailureKind kind, int? retryAfter, CircuitState circuit, int seconds)
    {
        _first.Fails(kind, retryAfter is { } s ? TimeSpan.FromSeconds(s) : null, times: 1);
        await using TestComposite composite = new([_first, _second], static o => o.Circuit.PanicInterval = TimeSpan.FromHours(1));
        TargetOutcome told = Trail(await composite.AskAsync()).Should().ContainSingle().Subject;
        told.RetryAfter.Should().Be(seconds == 0 ? null : TimeSpan.FromSeconds(seconds));
        TargetStatus status = composite.Catalog.GetProviders()[0].Targets[0];
        (status.Circuit, status.RetryAfter).Should().Be((circuit, seconds == 0 ? null : TimeSpan.FromSeconds(seconds)));
        (status.Failures, status.LastFailure).Should().Be((1, kind));
        if (seconds > 0)
        {
            composite.Clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            (await composite.AskAsync()).GetProvider().Should().Be("second");
            composite.Clock.Advance(TimeSpan.FromTicks(1));
        }

        (await composite.AskAsync()).GetProvider().Should().Be("first");
    }

    [Fact]
    public async Task Failure_IsInTheTrailWithModelAndDuration()
    {
        await using TestComposite composite = new([_first, _second]);
        _first.Answer = async (_, token) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(3), composite.Clock, token);
            throw new IOException("gone");
        };
        ChatResponse response = await composite.RunAsync(composite.AskAsync(new ChatOptions { ModelId = "any-model" }));
        Trail(response).Should().ContainSingle().Which.Should().Match<TargetOutcome>(static t =>
            t.Provider == "first" && t.Model == "any-model" && t.Duration == TimeSpan.FromSeconds(3) && t.Failure!.Kind == FailureKind.ConnectionLost && t.Skipped == SkipReason.None);
    }

    [Fact]
    public async Task Failure_IsLoggedWithProviderModelKindTimeRouteAndReason()
    {
        FakeLogCollector logs = new();
        _first.Descriptor = new ProviderDescriptor("first", "Fake") { Models = [new ModelDescriptor("m")] };
        await using TestComposite composite = new([_first, _second], services: s => s.AddLogging(b => b.AddProvider(new FakeLoggerProvider(logs))));
        _first.Answer = async (_, token) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(3), composite.Clock, token);
            throw new IOException("gone");
        };
        await composite.RunAsync(composite.AskAsync());
        logs.GetSnapshot().Should().ContainSingle(static l => l.Id.Id == 101).Which.Message.Should().Be("Provider 'first' (model 'm') failed with ConnectionLost after 3000 ms on route 'default': gone");
    }

    /// <summary>A probe that neither closes nor opens the circuit must not keep the next one out.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Probe_EndsWithoutAWordAboutTheTarget_TheNextMayProbe(bool callerLeaves)
    {
        TaskCompletionSource<ChatResponse> never = new();
        _first.Fails(FailureKind.ConnectionLost, times: 1);
        await using TestComposite composite = new([_first], static o =>
        {
            o.Retry.MaxRetries = 0;
            (o.Circuit.ConsecutiveFailures, o.Circuit.PanicInterval) = (1, TimeSpan.FromHours(1));
        });
        await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>();
        composite.Clock.Advance(TimeSpan.FromSeconds(5));
        using CancellationTokenSource caller = new();
        _first.Answer = callerLeaves
            ? (_, _) => never.Task
            : static (_, _) => Task.FromException<ChatResponse>(new ProviderException(new ProviderFailure(FailureKind.RateLimited, "slowly") { RetryAfter = TimeSpan.FromSeconds(1) }, "first"));
        Task<ChatResponse> probe = composite.AskAsync(token: caller.Token);
        await caller.CancelAsync();
        await FluentActions.Awaiting(() => probe).Should().ThrowAsync<Exception>();
        composite.Catalog.GetProviders()[0].Targets[0].Circuit.Should().Be(CircuitState.HalfOpen);
        composite.Clock.Advance(TimeSpan.FromSeconds(1));
        _first.Answer = static (_, _) => Task.FromResult(Reply.Whole("well"));
        (await composite.AskAsync()).Text.Should().Be("well");
        composite.Catalog.GetProviders()[0].Targets[0].Circuit.Should().Be(CircuitState.Closed);
    }

    [Fact]
    public async Task Probe_ServesSlowly_TheSlowStartBeginsWithItsAnswer()
    {
        _first.Fails(FailureKind.ConnectionLost, times: 1);
        await using TestComposite composite = new([_first, _second], static o => (o.Circuit.ConsecutiveFailures, o.Circuit.PanicInterval) = (1, TimeSpan.FromHours(1)));
        (await composite.AskAsync()).GetProvider().Should().Be("second");
        composite.Clock.Advance(TimeSpan.FromSeconds(5));
        _first.Answer = async (n, token) =>
        {
            await Task.Delay(n == 1 ? TimeSpan.FromSeconds(9) : TimeSpan.Zero, composite.Clock, token);
            return Reply.Whole("ok");
        };
        (await composite.RunAsync(composite.AskAsync())).GetProvider().Should().Be("first");
        for (int i = 0; i < 20; i++)
        {
            (await composite.AskAsync()).GetProvider().Should().Be("second", "request {0} comes at its very beginning", i);
        }
    }

    [Theory]
    [InlineData(600, null, null)]
    [InlineData(null, 600, null)]
    [InlineData(null, null, 600)]
    [InlineData(null, 300, 300)]
    [InlineData(600, 5, 5)] // the total is the server's own count, with what it does not break down
    public async Task Usage_HoweverItIsReported_IsChargedToTheLimit(int? total, int? input, int? output)
    {
        _first.Answer = (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "x"))
        {
            FinishReason = ChatFinishReason.Stop,
            Usage = new UsageDetails { TotalTokenCount = total, InputTokenCount = input, OutputTokenCount = output },
        });
        await using TestComposite composite = new([_first, _second], static o => o.Providers["first"] = new ProviderOptions { TokensPerMinute = 1_000 });
        List<string?> served = [];
        for (int i = 0; i < 3; i++)
        {
            served.Add((await composite.AskAsync()).GetProvider());
        }

        served.Should().Equal(["first", "first", "second"], "two answers of 600 are more than 1,000");
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(100, 30)] // longer than the route allows
    public async Task Deadline_OfTheRequest_IsTheShorterOfItsOwnAndTheRoutes(int own, int seconds)
    {
        _first.Hangs();
        await using TestComposite composite = new([_first], static o => (o.Timeouts.Total, o.Retry.MaxRetries) = (TimeSpan.FromSeconds(30), 0), services: static s => s.AddMetrics());
        using MetricCollector<long> exceeded = new(composite.Services.GetRequiredService<IMeterFactory>(), "Providers", "llm.deadline.exceeded");
        Task<ChatResponse> task = composite.AskAsync(new RequestPreferences { TotalTimeout = TimeSpan.FromSeconds(own) }.ApplyTo((ChatOptions?)null));
        composite.Clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
        task.IsCompleted.Should().BeFalse();
        composite.Clock.Advance(TimeSpan.FromTicks(1));
        task.IsCompleted.Should().BeTrue();
        (await FluentActions.Awaiting(() => task).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.TimedOut);
        exceeded.GetMeasurementSnapshot().Should().ContainSingle().Which.Should().Match<CollectedMeasurement<long>>(static m => m.Value == 1 && (string)m.Tags["route"]! == "default");
    }

    private static IReadOnlyList<TargetOutcome> Trail(ChatResponse response) => (IReadOnlyList<TargetOutcome>)response.AdditionalProperties![ResponseAnnotations.Trail]!;
}
