using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Providers.Tests.Support;

namespace Providers.Tests.Canary;

/// <summary>Every knob of canaries and budgets: the ends of its range are taken, the next value beyond each is refused with the knob's key.</summary>
public sealed class CanaryRangeTests
{
    private const string Canary = "Routes:r:Targets:1:Canary:", Budget = "Budgets:b:";

    public static TheoryData<string, string, string, string, string> Knobs => new()
    {
        { Canary + "Steps:0", "0.000001", "100", "0", "101" },
        { Canary + "StepDuration", "00:00:01", "01:00:00", "00:00:00.999", "7.00:00:01" },
        { Canary + "StepRequests", "1", "1000000", "0", "1000001" },
        { Canary + "Interval", "00:00:00.100", "01:00:00", "00:00:00.099", "01:00:00.001" },
        { Canary + "MaxErrorIncrease", "0", "1", "-0.001", "1.001" },
        { Canary + "ErrorRequests", "10", "1000000", "9", "1000001" },
        { Canary + "MaxLatencyRatio", "1", "100", "0.99", "101" },
        { Canary + "LatencyRequests", "20", "1000000", "19", "1000001" },
        { Canary + "Significance", "0.000001", "0.2", "0", "0.21" },
        { Canary + "HardStop", "0.05", "1", "0.04", "1.01" },
        { Canary + "ProgressDeadline", "00:05:00", "30.00:00:00", "00:00:00.999", "31.00:00:00" },
        { Canary + "Cooldown", "00:00:00", "30.00:00:00", "-00:00:01", "31.00:00:00" },
        { Budget + "Tokens", "1", "1000000000000000", "0", "1000000000000001" },
        { Budget + "WarnAt", "0.01", "1", "0", "1.01" },
        { Budget + "Window", "0", "2", "-1", "3" },
        { Budget + "Cost", "0.0001", "1000000", "0", "-1" },
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

    private static IReadOnlyList<string> Errors(string knob, string value)
    {
        Dictionary<string, string?> data = new()
        {
            ["Providers:Providers:a:Kind"] = "Fake",
            ["Providers:Providers:b:Kind"] = "Fake",
            ["Providers:Routes:r:Targets:0:Provider"] = "a",
            ["Providers:Routes:r:Targets:1:Provider"] = "b",
            ["Providers:Routes:r:Targets:1:Canary:Cooldown"] = "00:10:00",
            ["Providers:Budgets:b:Tokens"] = "5",
            [$"Providers:{knob}"] = value,
        };
        ServiceCollection services = new();
        services.AddSingleton<IProviderFactory>(new FakeFactory());
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
