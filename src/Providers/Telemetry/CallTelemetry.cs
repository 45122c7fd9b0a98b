using System.Diagnostics.Metrics;
using Providers.Attempts;
using Providers.Budgets;
using Providers.Plans;
using Providers.Routing;
using Providers.Timing;

namespace Providers.Telemetry;

/// <summary>
/// Whole requests by route, and single attempts by the GenAI conventions. Models are named only where they are declared, so that a caller
/// who invents names cannot make series.
/// </summary>
internal sealed class CallTelemetry
{
    private readonly Counter<long> _calls;
    private readonly Histogram<double> _callDuration;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstChunk;
    private readonly Histogram<double> _perChunk;
    private readonly Histogram<long> _tokens;
    private readonly Counter<double> _cost;

    public CallTelemetry(Meter meter)
    {
        _calls = meter.CreateCounter<long>("llm.calls", "{call}", "Requests of callers, by route and outcome.");
        _callDuration = meter.CreateHistogram("llm.call.duration", "s", "Time from a caller's request to the end of its answer, failovers included.", advice: Buckets.Operation);
        _duration = meter.CreateHistogram("gen_ai.client.operation.duration", "s", "Duration of one attempt at a provider.", advice: Buckets.Operation);
        _firstChunk = meter.CreateHistogram("gen_ai.client.operation.time_to_first_chunk", "s", "Time from an attempt's begin to the first content of its stream.", advice: Buckets.Operation);
        _perChunk = meter.CreateHistogram("gen_ai.client.operation.time_per_output_chunk", "s", "Mean time between two updates of a stream after the first content.", advice: Buckets.Operation);
        _tokens = meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "Tokens used by one answer, by type.", advice: Buckets.Tokens);
        _cost = meter.CreateCounter<double>("llm.tokens.cost", "{currency}", "Money spent, by the prices of the models, in their currency.");
    }

    /// <summary>Gets a value indicating whether anybody wants to know what answers use.</summary>
    public bool CountsTokens => _tokens.Enabled || _cost.Enabled;

    public void Ended(Call call, Clock clock)
    {
        if (!_calls.Enabled && !_callDuration.Enabled)
        {
            return;
        }

        KeyValuePair<string, object?> route = new("route", call.Route.Name);
        KeyValuePair<string, object?> outcome = new("outcome", Outcome(call));
        _calls.Add(1, route, outcome);
        _callDuration.Record(clock.Span(clock.Now - call.Started).TotalSeconds, route, outcome);
    }

    /// <summary>A request that never began, because its budget is used up.</summary>
    public void Refused(string route, FailureKind kind) => _calls.Add(1, new("route", route), new("outcome", Words.Of(kind)));

    public void Attempted(Call call, Attempt attempt, Clock clock, ProviderFailure? failure)
    {
        if (!_duration.Enabled)
        {
            return;
        }

        TargetPlan target = attempt.Target;
        double seconds = clock.Span(clock.Now - attempt.Started).TotalSeconds;
        KeyValuePair<string, object?> operation = new("gen_ai.operation.name", Operation(call));
        KeyValuePair<string, object?> provider = new("gen_ai.provider.name", target.Provider.Provider.Descriptor.Kind);
        KeyValuePair<string, object?> model = Model(target);
        KeyValuePair<string, object?> name = new("provider", target.Provider.Name);
        if (failure is null)
        {
            _duration.Record(seconds, [operation, provider, model, name]);
        }
        else
        {
            _duration.Record(seconds, [operation, provider, model, name, new("error.type", Words.Of(failure.Kind))]);
        }
    }

    public void Streamed(TargetPlan target, TimeSpan first, TimeSpan whole, int updates)
    {
        if (first <= TimeSpan.Zero || !_firstChunk.Enabled)
        {
            return;
        }

        ReadOnlySpan<KeyValuePair<string, object?>> tags =
        [
            new("gen_ai.operation.name", "chat"), new("gen_ai.provider.name", target.Provider.Provider.Descriptor.Kind), Model(target), new("provider", target.Provider.Name),
        ];
        _firstChunk.Record(first.TotalSeconds, tags);
        if (updates > 1)
        {
            _perChunk.Record((whole - first).TotalSeconds / (updates - 1), tags);
        }
    }

    public void Spent(Call call, TargetPlan target, Spending spent)
    {
        KeyValuePair<string, object?> operation = new("gen_ai.operation.name", Operation(call));
        KeyValuePair<string, object?> kind = new("gen_ai.provider.name", target.Provider.Provider.Descriptor.Kind);
        KeyValuePair<string, object?> provider = new("provider", target.Provider.Name);
        KeyValuePair<string, object?> model = Model(target);
        _tokens.Record(spent.Input, [operation, kind, model, provider, new("gen_ai.token.type", "input")]);
        _tokens.Record(spent.Output, [operation, kind, model, provider, new("gen_ai.token.type", "output")]);
        if (spent.Cost is { } cost)
        {
            _cost.Add((double)cost, new("route", call.Route.Name), provider, model);
        }
    }

    private static KeyValuePair<string, object?> Model(TargetPlan target) => new("gen_ai.request.model", target.Model?.Id ?? "other");

    private static string Operation(Call call) => call.Kind switch
    {
        ModelCapabilities.Embeddings => "embeddings",
        ModelCapabilities.Rerank => "rerank",
        _ => "chat",
    };

    private static string Outcome(Call call) =>
        call.Served ? "success"
        : call.Caller.IsCancellationRequested ? "cancelled"
        : call.LastError is ProviderException error ? Words.Of(error.Kind)
        : call.Attempts > 0 ? "abandoned"
        : "no_target";
}
