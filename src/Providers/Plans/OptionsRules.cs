using Providers.Budgets;
using Providers.Canary;

namespace Providers.Plans;

/// <summary>The ranges of every knob, and the rules between knobs.</summary>
internal static class OptionsRules
{
    private static readonly TimeSpan Zero = TimeSpan.Zero;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    public static void Check(CompositeOptions options, ConfigurationErrors errors)
    {
        errors.Defined<ReportedFailure>("ReportedFailure", options.ReportedFailure);
        Check("Timeouts", options.Timeouts, errors);
        Check(options.Retry, errors);
        Check(options.Circuit, errors);
        Check(options.Health, errors);
        Check(options.Streams, errors);
        errors.Range("Drain:Delay", options.Drain.Delay, Zero, TimeSpan.FromMinutes(5));
        errors.Range("Drain:Timeout", options.Drain.Timeout, Zero, Hour);
        errors.Range("Embeddings:BatchSize", options.Embeddings.BatchSize, 1, 10_000);
        errors.Range("Embeddings:MaxParallelBatches", options.Embeddings.MaxParallelBatches, 1, 256);
        errors.Range("Embeddings:Cache:Expiration", options.Embeddings.Cache?.Expiration, TimeSpan.FromSeconds(1), Year);
        errors.Range("Embeddings:Cache:LocalExpiration", options.Embeddings.Cache?.LocalExpiration, TimeSpan.FromSeconds(1), Year);
        errors.Range("Embeddings:Cache:Timeout", options.Embeddings.Cache?.Timeout, Least, TimeSpan.FromMinutes(1));
        errors.Range("Embeddings:Cache:Rest", options.Embeddings.Cache?.Rest, Zero, Hour);
        foreach ((FailureKind kind, FailureRule rule) in options.Failures)
        {
            errors.Defined<FailureKind>($"Failures:{kind}", kind);
            errors.Range($"Failures:{kind}:Pause", rule.Pause, Zero, Day);
        }

        foreach ((string name, BudgetOptions budget) in options.Budgets)
        {
            BudgetRules.Check(name, budget, options, errors);
        }

        foreach ((string name, ProviderOptions provider) in options.Providers)
        {
            Check($"Providers:{name}", provider, errors);
        }

        foreach ((string name, RouteOptions route) in options.Routes)
        {
            Check($"Routes:{name}", route, errors);
            CanaryRules.Check(name, route, errors);
        }
    }

    private static void Check(string key, TimeoutOptions? timeouts, ConfigurationErrors errors)
    {
        errors.Range($"{key}:Total", timeouts?.Total, Least, Day);
        errors.Range($"{key}:Attempt", timeouts?.Attempt, Least, Day);
        errors.Range($"{key}:FirstContent", timeouts?.FirstContent, Least, Hour);
        errors.Range($"{key}:Load", timeouts?.Load, Least, Hour);
        errors.Range($"{key}:KeepWarm", timeouts?.KeepWarm, TimeSpan.FromSeconds(1), Day);
        errors.Range($"{key}:Gap", timeouts?.Gap, Least, Hour);
        errors.Range($"{key}:Trailer", timeouts?.Trailer, Zero, TimeSpan.FromMinutes(1));
    }

    private static void Check(RetryOptions retry, ConfigurationErrors errors)
    {
        errors.Range("Retry:MaxRetries", retry.MaxRetries, 0, 10);
        errors.Range("Retry:MaximumAttemptsPerRequest", retry.MaximumAttemptsPerRequest, 1, 1_000);
        errors.Range("Retry:BaseDelay", retry.BaseDelay, Zero, TimeSpan.FromMinutes(1));
        errors.Range("Retry:MaxDelay", retry.MaxDelay, Zero, TimeSpan.FromMinutes(10));
        errors.Range("Retry:MaxRetryAfter", retry.MaxRetryAfter, TimeSpan.FromSeconds(1), Day);
        errors.Range("Retry:BudgetRatio", retry.BudgetRatio, 0, 1);
        errors.Range("Retry:BudgetMinimum", retry.BudgetMinimum, 0, 1_000);
    }

    private static void Check(CircuitOptions circuit, ConfigurationErrors errors)
    {
        errors.Range("Circuit:FailureRatio", circuit.FailureRatio, 0.000_001, 1);
        errors.Range("Circuit:MinimumThroughput", circuit.MinimumThroughput, 1, 100_000);
        errors.Range("Circuit:ConsecutiveFailures", circuit.ConsecutiveFailures, 1, 100_000);
        errors.Range("Circuit:SamplingDuration", circuit.SamplingDuration, TimeSpan.FromMilliseconds(500), Hour);
        errors.Range("Circuit:BreakDuration", circuit.BreakDuration, Least, Hour);
        errors.Range("Circuit:MaxBreakDuration", circuit.MaxBreakDuration, Least, Day);
        errors.Range("Circuit:SlowStart", circuit.SlowStart, Zero, Hour);
        errors.Range("Circuit:PanicInterval", circuit.PanicInterval, Least, Hour);
        if (circuit.MaxBreakDuration < circuit.BreakDuration)
        {
            errors.Add("Circuit:MaxBreakDuration", $"is {circuit.MaxBreakDuration:c}, shorter than BreakDuration ({circuit.BreakDuration:c}); raise it or lower BreakDuration.");
        }
    }

    private static void Check(HealthOptions health, ConfigurationErrors errors)
    {
        errors.Range("Health:Interval", health.Interval, TimeSpan.FromMilliseconds(100), Day);
        errors.Range("Health:Timeout", health.Timeout, Least, TimeSpan.FromMinutes(10));
        errors.Range("Health:UnhealthyThreshold", health.UnhealthyThreshold, 1, 1_000);
    }

    private static void Check(StreamOptions streams, ConfigurationErrors errors)
    {
        errors.Defined<StreamRecovery>("Streams:Recovery", streams.Recovery);
        errors.Range("Streams:MaxContinuations", streams.MaxContinuations, 1, 10);
        errors.Range("Streams:MinimumUpdatesPerSecond", streams.MinimumUpdatesPerSecond, 0.000_001, 10_000);
        errors.Range("Streams:RateWindow", streams.RateWindow, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
    }

    private static void Check(string key, ProviderOptions provider, ConfigurationErrors errors)
    {
        errors.Range($"{key}:MaxConcurrency", provider.MaxConcurrency, 1, 100_000);
        errors.Range($"{key}:QueueLimit", provider.QueueLimit, 0, 100_000);
        errors.Range($"{key}:RequestsPerMinute", provider.RequestsPerMinute, 1, 10_000_000);
        errors.Range($"{key}:TokensPerMinute", provider.TokensPerMinute, 1, 1_000_000_000);
        Check($"{key}:Timeouts", provider.Timeouts, errors);
        if (provider.Timeouts?.Total is not null)
        {
            errors.Add($"{key}:Timeouts:Total", "is set, but the total belongs to a request, not to one provider; set it on the route or the composite.");
        }

        if (provider.QueueLimit > 0 && provider.MaxConcurrency is null)
        {
            errors.Add($"{key}:QueueLimit", $"is {provider.QueueLimit}, but without MaxConcurrency nobody ever queues; set MaxConcurrency.");
        }
    }

    private static void Check(string key, RouteOptions route, ConfigurationErrors errors)
    {
        errors.Defined<SelectionPolicy>($"{key}:Policy", route.Policy);
        errors.Defined($"{key}:Recovery", route.Recovery);
        errors.Range($"{key}:WaitForFirst", route.WaitForFirst, Zero, TimeSpan.FromMinutes(10));
        errors.Range($"{key}:Hedging:Delay", route.Hedging?.Delay, Zero, TimeSpan.FromMinutes(10));
        errors.Range($"{key}:Hedging:InitialDelay", route.Hedging?.InitialDelay, Zero, TimeSpan.FromMinutes(10));
        Check($"{key}:Timeouts", route.Timeouts, errors);
        for (int i = 0; i < route.Targets.Count; i++)
        {
            errors.Range($"{key}:Targets:{i}:Weight", route.Targets[i].Weight, 0, 1_000_000);
            if (route.Targets[i].Canary is { } canary)
            {
                CanaryRules.Check($"{key}:Targets:{i}:Canary", canary, errors);
            }
        }

        if (route.Policy is SelectionPolicy.Weighted && route.Targets.Count > 0 && route.Targets.All(static t => t.Weight == 0))
        {
            errors.Add($"{key}:Targets", "all have weight 0 under the policy Weighted; give at least one a weight above 0.");
        }
    }
}
