using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Providers.Selection;
using Providers.Tests.Support;
using Providers.Timing;

namespace Providers.Tests.Selection;

public sealed class SelectionTests
{
    /// <summary>A set of targets is a set of numbers.</summary>
    [Fact]
    public void TargetSet_AgainstAHashSet_HoldsTheSame() =>
        Gen.Select(Gen.Int[0, 300], Gen.Int[0, 2]).List[0, 100].Sample(steps =>
        {
            TargetSet set = default;
            HashSet<int> model = [];
            foreach ((int index, int action) in steps)
            {
                if (action == 0)
                {
                    set.Add(index);
                    model.Add(index);
                }
                else if (action == 1)
                {
                    set.Remove(index);
                    model.Remove(index);
                }
                else if (index > 290)
                {
                    set.Clear();
                    model.Clear();
                }

                if (Enumerable.Range(0, 320).Any(i => set.Contains(i) != model.Contains(i)))
                {
                    return false;
                }
            }

            return true;
        });

    [Theory]
    [InlineData(SelectionPolicy.Priority)]
    [InlineData(SelectionPolicy.Weighted)]
    [InlineData(SelectionPolicy.RoundRobin)]
    [InlineData(SelectionPolicy.LeastPending)]
    [InlineData(SelectionPolicy.LeastLatency)]
    [InlineData(SelectionPolicy.Cheapest)]
    public async Task Policy_AllFail_EveryTargetIsTriedOnce(SelectionPolicy policy)
    {
        FakeProvider[] providers = [.. Enumerable.Range(0, 100).Select(static i => new FakeProvider($"p{i}").Fails(FailureKind.TimedOut))];
        await using TestComposite composite = new(providers, o =>
        {
            o.Retry.MaximumAttemptsPerRequest = 1000;
            o.Routes["chat"] = Route(policy, providers);
        });
        await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>();
        providers.Should().OnlyContain(static p => p.Calls.Count == 1);
    }

    [Fact]
    public async Task Weighted_ManyCalls_FollowsTheWeights()
    {
        FakeProvider[] providers = [new("a"), new("b"), new("c")];
        await using TestComposite composite = new(providers, o => o.Routes["chat"] = Route(SelectionPolicy.Weighted, providers, 8, 2, 0));
        for (int i = 0; i < 10_000; i++)
        {
            await composite.AskAsync();
        }

        providers[0].Calls.Count.Should().BeInRange(7_800, 8_200);
        providers[1].Calls.Count.Should().BeInRange(1_800, 2_200);
        providers[2].Calls.Should().BeEmpty("weight 0 serves only when nobody else can");
        composite.Catalog.Isolate("a");
        composite.Catalog.Isolate("b");
        (await composite.AskAsync()).GetProvider().Should().Be("c");
    }

    [Fact]
    public async Task RoundRobin_ManyCalls_IsEven()
    {
        FakeProvider[] providers = [new("a"), new("b"), new("c")];
        await using TestComposite composite = new(providers, o => o.Routes["chat"] = Route(SelectionPolicy.RoundRobin, providers));
        for (int i = 0; i < 300; i++)
        {
            await composite.AskAsync();
        }

        providers.Should().OnlyContain(static p => p.Calls.Count == 100);
    }

    [Fact]
    public async Task LeastPending_OneIsBusy_TheOtherServes()
    {
        FakeProvider[] providers = [new FakeProvider("a").Hangs(), new("b")];
        await using TestComposite composite = new(providers, o => o.Routes["chat"] = Route(SelectionPolicy.LeastPending, providers));
        using CancellationTokenSource source = new();
        Task<ChatResponse> stuck = composite.AskAsync(token: source.Token);
        for (int i = 0; i < 10; i++)
        {
            (await composite.AskAsync()).GetProvider().Should().Be("b");
        }

        await source.CancelAsync();
        await FluentActions.Awaiting(() => stuck).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task LeastLatency_OneIsSlow_MostGoesToTheFastOnes()
    {
        FakeProvider[] providers = [new("slow"), new("fast"), new("fast2")];
        await using TestComposite composite = new(providers, o => o.Routes["chat"] = Route(SelectionPolicy.LeastLatency, providers));
        foreach ((FakeProvider provider, int milliseconds) in providers.Zip([1000, 10, 10]))
        {
            provider.Answer = async (_, token) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), composite.Clock, token);
                return Reply.Whole("ok");
            };
        }

        for (int i = 0; i < 300; i++)
        {
            await composite.RunAsync(composite.AskAsync(), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(10));
        }

        providers[0].Calls.Count.Should().BeLessThan(10);
    }

    [Fact]
    public async Task Cheapest_PricesDeclared_TheLowestServesAndUnknownIsLast()
    {
        FakeProvider[] providers =
        [
            new("unknown"),
            new("dear") { Descriptor = new("dear", "Fake") { Models = [new ModelDescriptor("m") { InputPrice = 3, OutputPrice = 15 }] } },
            new("cheap") { Descriptor = new("cheap", "Fake") { Models = [new ModelDescriptor("m") { InputPrice = 0, OutputPrice = 1 }] } },
        ];
        await using TestComposite composite = new(providers, o => o.Routes["chat"] = Route(SelectionPolicy.Cheapest, providers));
        (await composite.AskAsync()).GetProvider().Should().Be("cheap");
        composite.Catalog.Isolate("cheap");
        (await composite.AskAsync()).GetProvider().Should().Be("dear");
        composite.Catalog.Isolate("dear");
        (await composite.AskAsync()).GetProvider().Should().Be("unknown");
    }

    [Fact]
    public void Percentile_ManySamples_SettlesNearTheNinetyFifth()
    {
        LatencyPercentile percentile = new();
        Random random = new(7);
        for (int i = 0; i < 20_000; i++)
        {
            percentile.Add(random.Next(1, 1_001));
        }

        percentile.Value.Should().BeInRange(850, 1_000);
    }

    [Fact]
    public void Dice_SameSeed_SameDraws()
    {
        Dice a = new(5), b = new(5);
        double[] first = [.. Enumerable.Range(0, 1_000).Select(_ => a.NextDouble())];
        first.Should().Equal(Enumerable.Range(0, 1_000).Select(_ => b.NextDouble()));
        first.Should().OnlyContain(static d => d >= 0 && d < 1);
        first.Average().Should().BeApproximately(0.5, 0.05);
    }

    private static RouteOptions Route(SelectionPolicy policy, FakeProvider[] providers, params double[] weights)
    {
        RouteOptions route = new() { Policy = policy };
        for (int i = 0; i < providers.Length; i++)
        {
            route.Targets.Add(new TargetOptions { Provider = providers[i].Descriptor.Name, Weight = weights.Length > 0 ? weights[i] : 1 });
        }

        return route;
    }
}
