using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Providers.Testing;

namespace Providers.Operations.Tests;

[Collection(nameof(OneHost))]
public sealed class TraceTests
{
    /// <summary>Call, attempt and upstream HTTP request lie in one trace, each the child of the one before.</summary>
    [Fact]
    public async Task OneTrace_FromTheCallToTheUpstreamRequest()
    {
        await using OpenAIServer dead = await OpenAIServer.StartAsync();
        await using OpenAIServer alive = await OpenAIServer.StartAsync();
        dead.Faults.Always(Fault.Status(503));
        List<Activity> spans = [];
        ServiceCollection services = new();
        services.AddOpenTelemetry().WithTracing(t => t.AddProvidersInstrumentation().AddHttpClientInstrumentation().AddProcessor(new Collector(spans)));
        services.AddCompositeProvider(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Health:Enabled"] = "false",
            ["Providers:dead:Kind"] = "OpenAI",
            ["Providers:dead:Endpoint"] = new Uri(dead.Endpoint, "/v1").ToString(),
            ["Providers:dead:ApiKeys:0"] = "test",
            ["Providers:alive:Kind"] = "OpenAI",
            ["Providers:alive:Endpoint"] = new Uri(alive.Endpoint, "/v1").ToString(),
            ["Providers:alive:ApiKeys:0"] = "test",
            ["Providers:alive:Models:m:Capabilities"] = "Chat",
            ["Providers:dead:Models:m:Capabilities"] = "Chat",
            ["Routes:r:Targets:0:Provider"] = "dead",
            ["Routes:r:Targets:1:Provider"] = "alive",
        }).Build());
        await using ServiceProvider provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<TracerProvider>();
        IChatClient chat = provider.GetRequiredService<IChatClient>();
        using Activity root = new Activity("caller") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
        (await chat.GetResponseAsync("hi", new ChatOptions { ModelId = "r" })).GetProvider().Should().Be("alive");
        root.Stop();
        Activity[] mine;
        lock (spans)
        {
            mine = [.. spans.Where(s => s.TraceId == root.TraceId)];
        }

        Activity call = mine.Single(static s => s.OperationName == "composite");
        call.ParentSpanId.Should().Be(root.SpanId);
        Activity[] attempts = [.. mine.Where(static s => s.OperationName == "attempt").OrderBy(static s => s.StartTimeUtc)];
        attempts.Should().HaveCount(2).And.OnlyContain(a => a.ParentSpanId == call.SpanId);
        foreach (Activity attempt in attempts)
        {
            mine.Should().Contain(s => s.Source.Name == "System.Net.Http" && s.ParentSpanId == attempt.SpanId, "the upstream request belongs to its attempt");
        }
    }

    [Fact]
    public void Instrumentation_OfNoBuilder_SaysSo()
    {
        FluentActions.Invoking(static () => ((TracerProviderBuilder)null!).AddProvidersInstrumentation()).Should().Throw<ArgumentNullException>().WithParameterName("builder");
        FluentActions.Invoking(static () => ((MeterProviderBuilder)null!).AddProvidersInstrumentation()).Should().Throw<ArgumentNullException>().WithParameterName("builder");
    }

    private sealed class Collector(List<Activity> spans) : BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data)
        {
            lock (spans)
            {
                spans.Add(data);
            }
        }
    }
}
