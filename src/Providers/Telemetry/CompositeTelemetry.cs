using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using System.Reflection;
using Providers.Attempts;
using Providers.Budgets;
using Providers.Canary;
using Providers.Plans;
using Providers.Routing;

namespace Providers.Telemetry;

/// <summary>What a composite tells of itself: one span a call, one an attempt, and counters. Costs a few branches when nobody listens; never prompts, keys or free text as labels.</summary>
internal sealed class CompositeTelemetry : IDisposable
{
    public const string Name = "Providers";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Measurement<int> Build = MakeBuild();
    private readonly Meter _meter;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _failovers;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _budgetRejected;
    private readonly Counter<long> _transitions;
    private readonly Counter<long> _deadlines;
    private readonly Counter<long> _hedges;
    private readonly Counter<long> _interrupted;
    private readonly Counter<long> _reloads;
    private readonly Counter<long> _cacheReads;
    private readonly Histogram<double> _queueWait;

    public CompositeTelemetry(IMeterFactory? meters, ILogger log)
    {
        Log = log;
        _meter = meters?.Create(Name) ?? new Meter(Name);
        _attempts = _meter.CreateCounter<long>("llm.attempts", "{attempt}", "Invocations of a target, by outcome.");
        _failovers = _meter.CreateCounter<long>("llm.failovers", "{failover}", "Requests that went on to another target, by reason.");
        _retries = _meter.CreateCounter<long>("llm.retries", "{retry}", "Requests that went back to a target that had failed.");
        _budgetRejected = _meter.CreateCounter<long>("llm.retry_budget.rejected", "{retry}", "Retries the budget refused.");
        _transitions = _meter.CreateCounter<long>("llm.breaker.transitions", "{transition}", "Changes of a circuit, by the state it moved to.");
        _deadlines = _meter.CreateCounter<long>("llm.deadline.exceeded", "{request}", "Requests whose total deadline passed.");
        _hedges = _meter.CreateCounter<long>("llm.hedges", "{hedge}", "Second attempts beside a slow first one, by whether they won.");
        _interrupted = _meter.CreateCounter<long>("llm.stream.interrupted", "{stream}", "Streams that broke after content had reached the caller.");
        _reloads = _meter.CreateCounter<long>("config.reload", "{reload}", "Reloads of the configuration, by result.");
        _cacheReads = _meter.CreateCounter<long>("memory.cache.requests", "{item}", "Texts looked up in the embedding cache, by whether they were there.");
        _queueWait = _meter.CreateHistogram("llm.queue.wait", "s", "Time a request waited for a place at a provider.", advice: Buckets.Operation);
        Canary = new CanaryTelemetry(_meter, log);
        Budgets = new BudgetTelemetry(_meter, log);
        Calls = new CallTelemetry(_meter);
    }

    public ILogger Log { get; }

    public CanaryTelemetry Canary { get; }

    public BudgetTelemetry Budgets { get; }

    public CallTelemetry Calls { get; }

    public static bool IsTracing => Source.HasListeners();

    /// <summary>Publishes the gauges of a composite.</summary>
    public void Observe(Func<CompositePlan> plan, Func<long> lastReload, Func<BudgetBook?> book)
    {
        _meter.CreateObservableGauge("llm.breaker.state", () => plan().Providers.SelectMany(static p => p.Targets.Select(static t =>
            new Measurement<int>((int)t.Circuit.State, new("provider", t.Provider), new("model", t.Model ?? "")))), null, "0 closed, 1 half-open, 2 open, 3 isolated.");
        _meter.CreateObservableGauge("llm.provider.available", () => plan().Providers.Select(static p =>
            new Measurement<int>(p.Health is ProviderHealth.Unhealthy || p.IsDraining ? 0 : 1, new KeyValuePair<string, object?>("provider", p.Name))), null, "1 when the provider takes traffic.");
        _meter.CreateObservableGauge("llm.queue.depth", () => plan().Providers.Select(static p =>
            new Measurement<int>(p.Limits.Gate.Queued, new KeyValuePair<string, object?>("provider", p.Name))), "{request}", "Requests waiting for a place.");
        _meter.CreateObservableGauge("llm.budget.used", () => (book()?.Snapshot(int.MaxValue) ?? []).GroupBy(static b => b.Budget, StringComparer.Ordinal).Select(static g =>
            new Measurement<double>(g.Max(static b => b.Used), new KeyValuePair<string, object?>("budget", g.Key))), "1", "How much of a budget is used in its window, by the tenant who used most.");
        _meter.CreateObservableGauge("build_info", static () => Build, null, "1, with the version and commit of the running build.");
        _meter.CreateObservableGauge("canary.weight", () => plan().Routes.Where(static r => r.Canary is not null).Select(static r =>
            new Measurement<double>(r.Canary!.Weight, new KeyValuePair<string, object?>("route", r.Name))), "%", "Share of a route's requests that its canary takes.");
        _meter.CreateObservableGauge("config.last_reload_success", lastReload, "s", "When the configuration in force was loaded, in seconds since 1970.");
    }

    public void Attempt(TargetPlan target, ProviderFailure? failure)
    {
        if (_attempts.Enabled)
        {
            _attempts.Add(1, new("provider", target.Provider.Name), new("outcome", failure is null ? "success" : Words.Of(failure.Kind)));
        }
    }

    public void FailedOver(string from, string to, FailureKind reason) =>
        _failovers.Add(1, new("from", from), new("to", to), new("reason", Words.Of(reason)));

    public void Retry(string route) => _retries.Add(1, new KeyValuePair<string, object?>("route", route));

    public void RetryBudgetRejected(string route) => _budgetRejected.Add(1, new KeyValuePair<string, object?>("route", route));

    public void Transition(string provider, string? model, CircuitState state)
    {
        _transitions.Add(1, new("provider", provider), new("state", Words.Of(state)));
        Log.CircuitMoved(provider, model, state);
    }

    public void DeadlineExceeded(string route) => _deadlines.Add(1, new KeyValuePair<string, object?>("route", route));

    public void Hedged(bool won) => _hedges.Add(1, new KeyValuePair<string, object?>("result", won ? "won" : "lost"));

    public void Interrupted(string route, AttemptSignal signal) =>
        _interrupted.Add(1, new("route", route), new("reason", signal is AttemptSignal.TimedOut ? "timeout" : "broken"), new("committed", true));

    public void Reloaded(bool success) => _reloads.Add(1, new KeyValuePair<string, object?>("result", success ? "success" : "failure"));

    public void EmbeddingCacheRead(int hits, int misses)
    {
        _cacheReads.Add(hits, new("layer", "embedding"), new("hit", "true"));
        _cacheReads.Add(misses, new("layer", "embedding"), new("hit", "false"));
    }

    /// <summary>Counts look-ups and writes that the cache did not answer in time, or with an exception.</summary>
    public void EmbeddingCacheFailed(int errors)
    {
        if (errors > 0)
        {
            _cacheReads.Add(errors, new("layer", "embedding"), new("hit", "error"));
        }
    }

    public void Queued(string provider, TimeSpan wait) => _queueWait.Record(wait.TotalSeconds, new KeyValuePair<string, object?>("provider", provider));

    public static Activity? StartCall(Call call)
    {
        Activity? activity = Source.StartActivity("composite");
        activity?.SetTag("providers.route", call.Route.Name);
        return activity;
    }

    public static Activity? StartAttempt(Call call, TargetPlan target)
    {
        Activity? activity = Source.StartActivity("attempt", ActivityKind.Client);
        if (activity is not null)
        {
            activity.SetTag("providers.route", call.Route.Name);
            activity.SetTag(ResponseAnnotations.Provider, target.Provider.Name);
            activity.SetTag(ResponseAnnotations.Model, target.ModelId);
            activity.SetTag("gen_ai.provider.name", target.Provider.Provider.Descriptor.Kind);
            activity.SetTag("server.address", target.Provider.Provider.Descriptor.Endpoint?.Host);
            activity.SetTag("server.port", target.Provider.Provider.Descriptor.Endpoint?.Port);
        }

        return activity;
    }

    public static void EndAttempt(Activity? activity, ProviderFailure? failure)
    {
        if (failure is not null)
        {
            activity?.SetTag("error.type", Words.Of(failure.Kind));
            activity?.SetStatus(ActivityStatusCode.Error, failure.Kind.ToString());
        }

        activity?.Dispose();
    }

    public static void EndCall(Activity? activity, Call call, TargetPlan target)
    {
        activity?.SetTag(ResponseAnnotations.Provider, target.Provider.Name);
        activity?.SetTag(ResponseAnnotations.Model, target.ModelId ?? call.ModelOverride);
        activity?.SetTag(ResponseAnnotations.Attempts, call.Attempts);
    }

    public static void FailCall(Activity? activity, Call call, Exception error)
    {
        activity?.SetTag(ResponseAnnotations.Attempts, call.Attempts);
        activity?.SetTag("error.type", error is ProviderException known ? Words.Of(known.Kind) : error.GetType().Name);
        activity?.SetStatus(ActivityStatusCode.Error);
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<int> MakeBuild()
    {
        string version = typeof(CompositeTelemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        int plus = version.IndexOf('+', StringComparison.Ordinal);
        return new Measurement<int>(1, new("version", plus < 0 ? version : version[..plus]), new("commit", plus < 0 ? "" : version[(plus + 1)..]));
    }
}
