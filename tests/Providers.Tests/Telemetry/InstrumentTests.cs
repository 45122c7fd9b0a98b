using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Providers.Tests.Support;

namespace Providers.Tests.Telemetry;

public sealed class InstrumentTests
{
    /// <summary>Dashboards and alerts are written against these names and units; a description is what a reader of a scrape has.</summary>
    [Fact]
    public async Task Instruments_HaveTheirNamesUnitsAndADescription()
    {
        ConcurrentBag<Instrument> published = [];
        using MeterListener listener = new() { InstrumentPublished = (instrument, _) => published.Add(instrument) };
        await using TestComposite composite = new([new FakeProvider("first")], services: static s => s.AddMetrics());
        _ = composite.Chat;
        listener.Start();
        IMeterFactory own = composite.Services.GetRequiredService<IMeterFactory>();
        Instrument[] mine = [.. published.Where(i => i.Meter.Scope == own)];
        mine.Should().OnlyContain(static i => i.Description!.Length > 10);
        mine.Select(static i => $"{i.Name} {i.Unit}".TrimEnd()).Order(StringComparer.Ordinal).Should().Equal(
            "build_info",
            "canary.decisions {decision}",
            "canary.latency s",
            "canary.requests {request}",
            "canary.weight %",
            "config.last_reload_success s",
            "config.reload {reload}",
            "gen_ai.client.operation.duration s",
            "gen_ai.client.operation.time_per_output_chunk s",
            "gen_ai.client.operation.time_to_first_chunk s",
            "gen_ai.client.token.usage {token}",
            "llm.attempts {attempt}",
            "llm.breaker.state",
            "llm.breaker.transitions {transition}",
            "llm.budget.ledger.failures {write}",
            "llm.budget.rejected {request}",
            "llm.budget.used 1",
            "llm.budget.warnings {warning}",
            "llm.call.duration s",
            "llm.calls {call}",
            "llm.deadline.exceeded {request}",
            "llm.failovers {failover}",
            "llm.hedges {hedge}",
            "llm.provider.available",
            "llm.queue.depth {request}",
            "llm.queue.wait s",
            "llm.retries {retry}",
            "llm.retry_budget.rejected {retry}",
            "llm.stream.interrupted {stream}",
            "llm.tokens.cost {currency}",
            "memory.cache.requests {item}");
    }
}
