using CsCheck;
using Microsoft.Extensions.AI;

namespace Providers.Testing.Tests.Faults;

public sealed class FaultPlanTests
{
    [Fact]
    public async Task Plan_WithAFaultOfOnePath_SparesTheOthers()
    {
        using ScriptedChatClient client = new();
        client.Faults.Use(new FaultPlan(1, 1, Fault.Status(500).On("chat-stream")));
        (await client.GetResponseAsync("hi")).Text.Should().NotBeEmpty();
        await FluentActions.Awaiting(async () => await client.GetStreamingResponseAsync("hi").ToChatResponseAsync()).Should().ThrowAsync<ProviderException>();
    }

    [Fact]
    public void At_ForTheSameSeed_IsTheSame() =>
        Gen.Select(Gen.Int, Gen.Double[0, 1], Gen.Int[0, 10_000]).Sample(static (seed, probability, request) =>
            new FaultPlan(seed, probability, Fault.Reset, Fault.Html).At(request) == new FaultPlan(seed, probability, Fault.Reset, Fault.Html).At(request));

    [Fact]
    public void At_OverManyRequests_MeetsItsProbabilityAndEveryFault()
    {
        FaultPlan plan = new(42, 0.2, Fault.Reset, Fault.Html);
        Fault[] met = [.. Enumerable.Range(0, 10_000).Select(plan.At).Where(static f => f != Fault.None)];
        met.Length.Should().BeInRange(1_850, 2_150);
        met.Count(static f => f == Fault.Html).Should().BeInRange(850, 1_150);
        plan.ToString().Should().Be("FaultPlan(seed 42, 20 % of requests: Reset, Html)");
    }

    [Fact]
    public void Create_WithoutFaultsOrWithAnOddProbability_SaysSo()
    {
        Action none = static () => _ = new FaultPlan(1, 0.5);
        none.Should().Throw<ArgumentException>();
        Action odd = static () => _ = new FaultPlan(1, double.NaN, Fault.Reset);
        odd.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task Use_OnAClient_MeetsThePlansFaultsInOrder()
    {
        FaultPlan plan = new(7, 0.5, Fault.Status(500), Fault.Status(503));
        ScriptedChatClient client = new();
        client.Faults.Use(plan);
        for (int i = 0; i < 50; i++)
        {
            await Record.ExceptionAsync(() => client.GetResponseAsync([]));
        }

        client.Requests.Select(static r => r.Fault).Should().Equal(Enumerable.Range(0, 50).Select(plan.At));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("reset")]
    [InlineData("drop")]
    [InlineData("hang")]
    [InlineData("refuse:1")]
    [InlineData("headers:1")]
    [InlineData("first:1")]
    [InlineData("interval:1")]
    [InlineData("load:1")]
    [InlineData("keepalive:1")]
    [InlineData("stall:1")]
    [InlineData("cut:1")]
    [InlineData("cutbytes:1")]
    [InlineData("end:1")]
    [InlineData("malformed:1")]
    [InlineData("error:1")]
    [InlineData("open")]
    [InlineData("html")]
    [InlineData("empty")]
    [InlineData("wrongjson")]
    [InlineData("huge:1")]
    [InlineData("endless")]
    [InlineData("utf8")]
    [InlineData("usage")]
    [InlineData("toolcut")]
    [InlineData("count")]
    [InlineData("dimensions")]
    [InlineData("nan")]
    [InlineData("zero")]
    [InlineData("503")]
    public void Names_AreKnownAndDescribed(string name)
    {
        Fault fault = Testing.Faults.FaultNames.Find("fault:" + name, 0);
        fault.ToString().Should().NotBeEmpty();
        (fault == Fault.None).Should().Be(name == "none");
    }

    [Theory]
    [InlineData("none reset drop hang refuse headers first interval load keepalive stall cut cutbytes end malformed error open html empty wrongjson huge endless utf8 usage toolcut count dimensions nan zero")]
    public void Names_WithOneLetterWrong_AreThoseOfNoFault(string names)
    {
        foreach (string name in names.Split(' '))
        {
            for (int at = 0; at < name.Length; at++)
            {
                string typo = name[..at] + '_' + name[(at + 1)..];
                FluentActions.Invoking(() => Testing.Faults.FaultNames.Find("fault:" + typo, 0)).Should().Throw<FormatException>().WithMessage($"*{typo}*");
            }
        }
    }

    [Fact]
    public void Names_ThatAreNot_SaySo()
    {
        Action find = static () => Testing.Faults.FaultNames.Find("fault:nonsense", 0);
        find.Should().Throw<FormatException>().WithMessage("*nonsense*");
    }
}
