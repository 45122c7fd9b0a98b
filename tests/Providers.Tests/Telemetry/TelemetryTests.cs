using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Providers.Tests.Support;

namespace Providers.Tests.Telemetry;

public sealed class TelemetryTests
{
    private readonly FakeProvider _first = new("first");
    private readonly FakeProvider _second = new("second");

    [Fact]
    public async Task Failover_SeenFromFourSides_AgreesOnProviderKindAndAttempts()
    {
        _first.Fails(FailureKind.Overloaded);
        List<Activity> spans = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = static s => s.Name == "Providers",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (spans) // other tests' spans come here too
                {
                    spans.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        FakeLogCollector logs = new();
        await using TestComposite composite = new([_first, _second], services: s => s
            .AddMetrics()
            .AddLogging(b => b.AddProvider(new FakeLoggerProvider(logs))));
        IMeterFactory meters = composite.Services.GetRequiredService<IMeterFactory>();
        using MetricCollector<long> attempts = new(meters, "Providers", "llm.attempts");
        using MetricCollector<long> failovers = new(meters, "Providers", "llm.failovers");
        using Activity root = new Activity("test").Start();
        ChatResponse response = await composite.AskAsync();

        response.GetProvider().Should().Be("second");
        attempts.GetMeasurementSnapshot().Select(static m => (m.Tags["provider"], m.Tags["outcome"])).Should().Equal(("first", "overloaded"), ("second", "success"));
        failovers.GetMeasurementSnapshot().Should().ContainSingle().Which.Tags.Should().BeEquivalentTo(
            new Dictionary<string, object?> { ["from"] = "first", ["to"] = "second", ["reason"] = "overloaded" });
        Activity[] mine;
        lock (spans)
        {
            mine = [.. spans.Where(s => s.RootId == root.RootId)];
        }

        Activity outer = mine.Single(static s => s.OperationName == "composite");
        outer.GetTagItem(ResponseAnnotations.Provider).Should().Be("second");
        outer.GetTagItem(ResponseAnnotations.Attempts).Should().Be(2);
        Activity[] inner = [.. mine.Where(static s => s.OperationName == "attempt")];
        inner.Select(static s => (s.GetTagItem(ResponseAnnotations.Provider), s.GetTagItem("error.type"))).Should().Equal(("first", "overloaded"), ("second", null));
        inner.Should().OnlyContain(s => s.ParentSpanId == outer.SpanId);
        logs.GetSnapshot().Should().Contain(static l => l.Id.Id == 101 && l.Message.Contains("first") && l.Message.Contains("Overloaded"));
        logs.GetSnapshot().Should().NotContain(static l => l.Message.Contains("Norway"), "prompts are never logged");
    }

    [Theory]
    [InlineData(FailureKind.Overloaded, "NoProvidersAvailableException", 2)]
    [InlineData(FailureKind.BadRequest, "bad_request", 1)]
    public async Task Failure_OfACall_IsInItsSpan(FailureKind kind, string type, int attempts)
    {
        _first.Descriptor = new ProviderDescriptor("first", "Fake") { Endpoint = new Uri("http://127.0.0.1:8081/v1") };
        _first.Fails(kind);
        _second.Fails(kind);
        List<Activity> spans = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = static s => s.Name == "Providers",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (spans)
                {
                    spans.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using TestComposite composite = new([_first, _second], static o => o.Retry.MaxRetries = 0);
        using Activity root = new Activity("test").Start();
        await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<Exception>();
        Activity[] mine;
        lock (spans)
        {
            mine = [.. spans.Where(s => s.RootId == root.RootId)];
        }

        Activity outer = mine.Single(static s => s.OperationName == "composite");
        (outer.Status, outer.GetTagItem("error.type"), outer.GetTagItem(ResponseAnnotations.Attempts)).Should().Be((ActivityStatusCode.Error, type, attempts));
        Activity inner = mine.First(static s => s.OperationName == "attempt");
        (inner.Status, inner.GetTagItem("server.address"), inner.GetTagItem("server.port"), inner.GetTagItem("gen_ai.provider.name"), inner.GetTagItem("providers.route"))
            .Should().Be((ActivityStatusCode.Error, "127.0.0.1", 8081, "Fake", "default"));
    }

    [Fact]
    public async Task Gauges_FollowCircuitsAndProviders()
    {
        await using TestComposite composite = new([_first, _second], services: static s => s.AddMetrics());
        IMeterFactory meters = composite.Services.GetRequiredService<IMeterFactory>();
        _ = composite.Chat;
        using MetricCollector<int> state = new(meters, "Providers", "llm.breaker.state");
        using MetricCollector<int> available = new(meters, "Providers", "llm.provider.available");
        using MetricCollector<int> depth = new(meters, "Providers", "llm.queue.depth");
        using MetricCollector<long> loaded = new(meters, "Providers", "config.last_reload_success");
        using MetricCollector<long> moves = new(meters, "Providers", "llm.breaker.transitions");
        composite.Catalog.Isolate("first");
        _ = composite.Catalog.DrainAsync("second");
        state.RecordObservableInstruments();
        available.RecordObservableInstruments();
        depth.RecordObservableInstruments();
        loaded.RecordObservableInstruments();
        state.GetMeasurementSnapshot().Select(static m => m.Value).Should().Equal(3, 0);
        available.GetMeasurementSnapshot().Select(static m => m.Value).Should().Equal(1, 0);
        depth.GetMeasurementSnapshot().Should().OnlyContain(static m => m.Value == 0);
        loaded.GetMeasurementSnapshot().Should().ContainSingle().Which.Value.Should().Be(composite.Clock.GetUtcNow().ToUnixTimeSeconds());
        moves.GetMeasurementSnapshot().Should().ContainSingle().Which.Tags["state"].Should().Be("isolated");
    }

    [Fact]
    public async Task Counters_OfRareEvents_CountEachOnce()
    {
        _first.Stream = static (_, _) => Reply.Tokens(to: 5, finish: false);
        _first.Fails(FailureKind.Transient, times: 0);
        await using TestComposite composite = new([_first], static o => o.Retry.BudgetMinimum = 0, services: static s => s.AddMetrics());
        IMeterFactory meters = composite.Services.GetRequiredService<IMeterFactory>();
        _ = composite.Chat;
        using MetricCollector<long> interrupted = new(meters, "Providers", "llm.stream.interrupted");
        using MetricCollector<long> rejected = new(meters, "Providers", "llm.retry_budget.rejected");
        await Reading.OfAsync(composite.Stream());
        interrupted.GetMeasurementSnapshot().Should().ContainSingle().Which.Tags["committed"].Should().Be(true);
        _first.Fails(FailureKind.Transient);
        await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>("the budget refuses the retry");
        rejected.GetMeasurementSnapshot().Should().ContainSingle();
    }

    [Fact]
    public async Task Start_Report_SaysWhatWillBeAsked()
    {
        FakeLogCollector logs = new();
        _first.Descriptor = new ProviderDescriptor("first", "Fake") { IsLocal = true, LoadsOnDemand = true, Endpoint = new Uri("http://127.0.0.1:11434") };
        await using TestComposite composite = new([_first, _second], static o =>
        {
            o.Routes["private"] = new RouteOptions { LocalOnly = true, Recovery = StreamRecovery.Continue, Hedging = new HedgingOptions(), Timeouts = new TimeoutOptions { Total = TimeSpan.FromSeconds(90) } };
            o.Providers["second"] = new ProviderOptions { MaxConcurrency = 4, RequestsPerMinute = 60, TokensPerMinute = 9_000 };
            o.Routes["private"].Targets.Add(new TargetOptions { Provider = "second" });
        }, services: s => s.AddLogging(b => b.AddProvider(new FakeLoggerProvider(logs))));
        _ = composite.Chat;
        string report = logs.GetSnapshot().Single(static l => l.Id.Id == 100).Message;
        report.Should().Contain("first: Fake, http://127.0.0.1:11434/, local, loads on demand").And.Contain("route private: Priority, local only: second")
            .And.Contain("no target is local").And.Contain("one target")
            .And.Contain("second: Fake, in process, remote, 4 at once, 60 requests a minute, 9000 tokens a minute")
            .And.Contain("within 90 s in all, 300 s an attempt, 60 s to the first content, 60 s between two updates, broken streams are continued, hedged")
            .And.Contain("retries: 2 a request, for 20").And.Contain("5 failures in a row or 50");
    }
}
