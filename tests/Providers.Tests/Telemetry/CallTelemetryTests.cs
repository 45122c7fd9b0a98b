using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Providers.Tests.Support;

namespace Providers.Tests.Telemetry;

/// <summary>What is told of whole calls and of single attempts, with names, units and labels of the conventions.</summary>
public sealed class CallTelemetryTests
{
    private readonly FakeProvider _first = new("first") { Descriptor = new ProviderDescriptor("first", "Kind") { Models = [new ModelDescriptor("declared") { InputPrice = 1 }] } };
    private readonly FakeProvider _second = new("second");

    [Fact]
    public async Task Attempts_CarryTheConventionsAttributes_AndNameOnlyDeclaredModels()
    {
        _first.Fails(FailureKind.Overloaded);
        await using TestComposite composite = Create();
        using MetricCollector<double> durations = Collect<double>(composite, "gen_ai.client.operation.duration");
        await composite.AskAsync();
        durations.GetMeasurementSnapshot().Select(static m => m.Tags).Should().BeEquivalentTo([
            new Dictionary<string, object?>
            {
                ["gen_ai.operation.name"] = "chat", ["gen_ai.provider.name"] = "Kind", ["gen_ai.request.model"] = "declared", ["provider"] = "first", ["error.type"] = "overloaded",
            },
            new Dictionary<string, object?> { ["gen_ai.operation.name"] = "chat", ["gen_ai.provider.name"] = "Fake", ["gen_ai.request.model"] = "other", ["provider"] = "second" },
        ]);
        durations.Instrument!.Unit.Should().Be("s");
        ((Histogram<double>)durations.Instrument).Advice!.HistogramBucketBoundaries.Should().StartWith([0.01, 0.02, 0.04]).And.EndWith(81.92);
    }

    [Fact]
    public async Task Calls_EndInOneOutcomeEach()
    {
        await using TestComposite composite = Create(static o => o.Retry.MaxRetries = 0);
        using MetricCollector<long> calls = Collect<long>(composite, "llm.calls");
        using MetricCollector<double> durations = Collect<double>(composite, "llm.call.duration");
        await composite.AskAsync();
        await foreach (ChatResponseUpdate _ in composite.Stream())
        {
            break; // leaves early
        }

        _first.Hangs();
        using CancellationTokenSource leave = new();
        Task<ChatResponse> underWay = composite.AskAsync(null, leave.Token);
        await leave.CancelAsync();
        await FluentActions.Awaiting(() => underWay).Should().ThrowAsync<OperationCanceledException>();
        _first.Fails(FailureKind.BadRequest);
        await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<ProviderException>();
        composite.Catalog.Isolate("first");
        composite.Catalog.Isolate("second");
        await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>();
        calls.GetMeasurementSnapshot().Select(static m => m.Tags["outcome"]).Should().Equal("success", "abandoned", "cancelled", "bad_request", "no_target");
        calls.GetMeasurementSnapshot().Should().OnlyContain(static m => (string)m.Tags["route"]! == "default");
        durations.GetMeasurementSnapshot().Should().HaveCount(5);
    }

    [Fact]
    public async Task Streams_TellOfTheirFirstChunkAndTheirPace()
    {
        await using TestComposite composite = Create();
        _first.Stream = (_, token) => Reply.Paced(composite.Clock, TimeSpan.FromMilliseconds(500), 11, token);
        using MetricCollector<double> first = Collect<double>(composite, "gen_ai.client.operation.time_to_first_chunk");
        using MetricCollector<double> pace = Collect<double>(composite, "gen_ai.client.operation.time_per_output_chunk");
        Reading reading = await composite.RunAsync(Reading.OfAsync(composite.Stream()));
        reading.Error.Should().BeNull();
        first.GetMeasurementSnapshot().Should().ContainSingle().Which.Value.Should().BeApproximately(0.5, 0.2);
        pace.GetMeasurementSnapshot().Should().ContainSingle().Which.Value.Should().BeApproximately(0.5, 0.2);
    }

    [Fact]
    public async Task Tokens_AndCost_AreCountedByType()
    {
        _first.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "ok"))
        {
            FinishReason = ChatFinishReason.Stop,
            Usage = new UsageDetails { TotalTokenCount = 1_000_000, OutputTokenCount = 400_000 },
        });
        await using TestComposite composite = Create();
        using MetricCollector<long> tokens = Collect<long>(composite, "gen_ai.client.token.usage");
        using MetricCollector<double> cost = Collect<double>(composite, "llm.tokens.cost");
        await composite.AskAsync();
        tokens.GetMeasurementSnapshot().Select(static m => (m.Tags["gen_ai.token.type"], m.Value)).Should().Equal(("input", 600_000L), ("output", 400_000L));
        tokens.GetMeasurementSnapshot()[0].Tags.Should().BeEquivalentTo(new Dictionary<string, object?>
        {
            ["gen_ai.operation.name"] = "chat",
            ["gen_ai.provider.name"] = "Kind",
            ["gen_ai.request.model"] = "declared",
            ["provider"] = "first",
            ["gen_ai.token.type"] = "input",
        });
        cost.GetMeasurementSnapshot().Should().ContainSingle().Which.Value.Should().BeApproximately(0.6, 1e-9, "0.6 million input tokens at 1; output has no price");
    }

    [Fact]
    public async Task Build_IsNamed()
    {
        await using TestComposite composite = Create();
        using MetricCollector<int> build = Collect<int>(composite, "build_info");
        build.RecordObservableInstruments();
        build.GetMeasurementSnapshot().Should().ContainSingle().Which.Tags.Should().ContainKey("commit").And.Contain("version", "0.1.0");
    }

    private TestComposite Create(Action<CompositeOptions>? configure = null) => new([_first, _second], configure, services: static s => s.AddMetrics());

    private static MetricCollector<T> Collect<T>(TestComposite composite, string name)
        where T : struct
    {
        _ = composite.Chat;
        return new MetricCollector<T>(composite.Services.GetRequiredService<IMeterFactory>(), "Providers", name);
    }
}
