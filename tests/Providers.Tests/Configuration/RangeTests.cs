using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Providers.Tests.Support;

namespace Providers.Tests.Configuration;

/// <summary>Every knob's range: the ends are taken, the next value beyond each is refused with the knob's key.</summary>
public sealed class RangeTests
{
    private const string Provider = "Providers:a:", Route = "Routes:r:";

    // knob, the least and the most it takes, and one value beyond each end
    public static TheoryData<string, string, string, string, string> Knobs => new()
    {
        { "Timeouts:Total", "00:00:00.010", "1.00:00:00", "00:00:00.009", "1.00:00:00.001" },
        { "Timeouts:Attempt", "00:00:00.010", "1.00:00:00", "00:00:00.009", "1.00:00:00.001" },
        { "Timeouts:FirstContent", "00:00:00.010", "01:00:00", "00:00:00.009", "01:00:00.001" },
        { "Timeouts:Load", "00:00:00.010", "01:00:00", "00:00:00.009", "01:00:00.001" },
        { "Timeouts:KeepWarm", "00:00:01", "1.00:00:00", "00:00:00.999", "1.00:00:00.001" },
        { "Timeouts:Gap", "00:00:00.010", "01:00:00", "00:00:00.009", "01:00:00.001" },
        { "Timeouts:Trailer", "00:00:00", "00:01:00", "-00:00:00.001", "00:01:00.001" },
        { "Retry:MaxRetries", "0", "10", "-1", "11" },
        { "Retry:MaximumAttemptsPerRequest", "1", "1000", "0", "1001" },
        { "Retry:BaseDelay", "00:00:00", "00:01:00", "-00:00:00.001", "00:01:00.001" },
        { "Retry:MaxDelay", "00:00:00", "00:10:00", "-00:00:00.001", "00:10:00.001" },
        { "Retry:MaxRetryAfter", "00:00:01", "1.00:00:00", "00:00:00.999", "1.00:00:00.001" },
        { "Retry:BudgetRatio", "0", "1", "-0.001", "1.001" },
        { "Retry:BudgetMinimum", "0", "1000", "-1", "1001" },
        { "Circuit:FailureRatio", "0.000001", "1", "0", "1.001" },
        { "Circuit:MinimumThroughput", "1", "100000", "0", "100001" },
        { "Circuit:ConsecutiveFailures", "1", "100000", "0", "100001" },
        { "Circuit:SamplingDuration", "00:00:00.500", "01:00:00", "00:00:00.499", "01:00:00.001" },
        { "Circuit:BreakDuration", "00:00:00.010", "00:01:00", "00:00:00.009", "01:00:00.001" },
        { "Circuit:MaxBreakDuration", "00:00:05", "1.00:00:00", "00:00:00.009", "1.00:00:00.001" },
        { "Circuit:SlowStart", "00:00:00", "01:00:00", "-00:00:00.001", "01:00:00.001" },
        { "Circuit:PanicInterval", "00:00:00.010", "01:00:00", "00:00:00.009", "01:00:00.001" },
        { "Health:Interval", "00:00:00.100", "1.00:00:00", "00:00:00.099", "1.00:00:00.001" },
        { "Health:Timeout", "00:00:00.010", "00:10:00", "00:00:00.009", "00:10:00.001" },
        { "Health:UnhealthyThreshold", "1", "1000", "0", "1001" },
        { "Streams:MaxContinuations", "1", "10", "0", "11" },
        { "Streams:MinimumUpdatesPerSecond", "0.000001", "10000", "0", "10001" },
        { "Streams:RateWindow", "00:00:00.100", "00:05:00", "00:00:00.099", "00:05:00.001" },
        { "Streams:Recovery", "0", "1", "-1", "2" },
        { "Embeddings:BatchSize", "1", "10000", "0", "10001" },
        { "Embeddings:MaxParallelBatches", "1", "256", "0", "257" },
        { "Embeddings:Cache:Expiration", "00:00:01", "365.00:00:00", "00:00:00.999", "366.00:00:00" },
        { "Embeddings:Cache:LocalExpiration", "00:00:01", "365.00:00:00", "00:00:00.999", "366.00:00:00" },
        { "Embeddings:Cache:Timeout", "00:00:00.010", "00:01:00", "00:00:00.009", "00:01:00.001" },
        { "Embeddings:Cache:Rest", "00:00:00", "01:00:00", "-00:00:00.001", "01:00:00.001" },
        { "Drain:Delay", "00:00:00", "00:05:00", "-00:00:00.001", "00:05:00.001" },
        { "Drain:Timeout", "00:00:00", "01:00:00", "-00:00:00.001", "01:00:00.001" },
        { "ReportedFailure", "0", "1", "-1", "2" },
        { "Failures:TimedOut:Pause", "00:00:00", "1.00:00:00", "-00:00:00.001", "1.00:00:00.001" },
        { Provider + "MaxConcurrency", "1", "100000", "0", "100001" },
        { Provider + "QueueLimit", "0", "0", "-1", "100001" },
        { Provider + "RequestsPerMinute", "1", "10000000", "0", "10000001" },
        { Provider + "TokensPerMinute", "1", "1000000000", "0", "1000000001" },
        { Provider + "Timeouts:Gap", "00:00:00.010", "01:00:00", "00:00:00.009", "01:00:00.001" },
        { Route + "Policy", "0", "5", "-1", "6" },
        { Route + "Recovery", "0", "1", "-1", "2" },
        { Route + "WaitForFirst", "00:00:00", "00:10:00", "-00:00:00.001", "00:10:00.001" },
        { Route + "Hedging:Delay", "00:00:00", "00:10:00", "-00:00:00.001", "00:10:00.001" },
        { Route + "Hedging:InitialDelay", "00:00:00", "00:10:00", "-00:00:00.001", "00:10:00.001" },
        { Route + "Timeouts:Total", "00:00:00.010", "1.00:00:00", "00:00:00.009", "1.00:00:00.001" },
        { Route + "Targets:0:Weight", "0", "1000000", "-0.001", "1000001" },
    };

    [Theory]
    [MemberData(nameof(Knobs))]
    public void Knob_AtItsEndsAndBeyond_IsTakenAndRefusedWithItsKey(string knob, string least, string most, string below, string above)
    {
        Errors(knob, least).Should().BeEmpty();
        Errors(knob, most).Should().BeEmpty();
        foreach (string beyond in (string[])[below, above])
        {
            Errors(knob, beyond).Should().Contain(e => e.StartsWith($"Providers:{knob} is ", StringComparison.Ordinal), "{0} is out of range", beyond);
        }
    }

    [Fact]
    public void Queue_WithoutAConcurrencyLimit_IsRefused() =>
        Errors(Provider + "QueueLimit", "1").Should().ContainSingle().Which.Should().Contain("set MaxConcurrency");

    private static IReadOnlyList<string> Errors(string knob, string value)
    {
        Dictionary<string, string?> data = new()
        {
            ["Providers:Providers:a:Kind"] = "Fake",
            ["Providers:Routes:r:Targets:0:Provider"] = "a",
            [$"Providers:{knob}"] = value,
        };
        ServiceCollection services = new();
        services.AddSingleton<IProviderFactory>(new FakeFactory());
        services.AddHybridCache();
        services.AddCompositeProvider(new ConfigurationBuilder().AddInMemoryCollection(data).Build().GetSection("Providers"));
        using ServiceProvider provider = services.BuildServiceProvider();
        try
        {
            provider.GetRequiredService<IChatClient>();
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
    }
}
