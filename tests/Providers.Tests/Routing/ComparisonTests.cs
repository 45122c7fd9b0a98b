using Providers.Canary;
using Providers.Tests.Support;

namespace Providers.Tests.Routing;

/// <summary>What of a request's way counts in the comparison of a canary with the others: its first attempt, or that there was none to be had.</summary>
public sealed class ComparisonTests
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 100).Select(static i => $"user{i}")];
    private static readonly ChatOptions ForStable = Sticky(Keys.First(static k => StickyHash.Position("chat\ncanary", k) >= 0.5));
    private static readonly ChatOptions ForCanary = Sticky(Keys.First(static k => StickyHash.Position("chat\ncanary", k) < 0.5));
    private readonly FakeProvider _stable = new("stable");
    private readonly FakeProvider _canary = new("canary");

    [Fact]
    public async Task Served_CountsForTheArmOfTheRequest()
    {
        await using TestComposite composite = Create();
        (await composite.AskAsync(ForCanary)).GetProvider().Should().Be("canary");
        Evidence(composite).Should().Be((1, 0, 0, 0));
        (await composite.AskAsync(ForStable)).GetProvider().Should().Be("stable");
        Evidence(composite).Should().Be((1, 0, 1, 0));
    }

    [Fact]
    public async Task Canary_FailsAndAnotherServes_OnlyItsOwnAttemptCounts()
    {
        _canary.Fails(FailureKind.Transient);
        await using TestComposite composite = Create();
        (await composite.AskAsync(ForCanary)).GetProvider().Should().Be("stable");
        Evidence(composite).Should().Be((1, 1, 0, 0));
    }

    [Fact]
    public async Task Stable_FailsAndAnotherServes_OnlyTheFirstAttemptCounts()
    {
        _stable.Fails(FailureKind.Transient);
        await using TestComposite composite = Create();
        (await composite.AskAsync(ForStable)).GetProvider().Should().Be("spare");
        Evidence(composite).Should().Be((0, 0, 1, 1));
    }

    [Fact]
    public async Task Request_ThatNamesItsTargets_IsOutOfTheComparison()
    {
        await using TestComposite composite = Create();
        await composite.AskAsync(new RequestPreferences { Order = ["canary"] }.ApplyTo((ChatOptions?)null));
        await composite.AskAsync(new RequestPreferences { Order = ["stable"] }.ApplyTo((ChatOptions?)null));
        Evidence(composite).Should().Be((0, 0, 0, 0));
    }

    [Theory]
    [InlineData(SkipReason.CircuitOpen, true)]
    [InlineData(SkipReason.RateLimited, true)]
    [InlineData(SkipReason.LimitReached, true)]
    [InlineData(SkipReason.Busy, true)]
    [InlineData(SkipReason.Unhealthy, true)]
    [InlineData(SkipReason.Isolated, false)] // an operator's doing
    [InlineData(SkipReason.NotLocal, false)] // the request's own wish
    public async Task Others_TakeNobody_CountsAgainstThemWhereTheyAreOut(SkipReason reason, bool counts)
    {
        TaskCompletionSource<ChatResponse> never = new();
        await using TestComposite composite = Create(
            o =>
            {
                (o.Circuit.ConsecutiveFailures, o.Circuit.PanicInterval) = (1, TimeSpan.FromHours(1));
                o.Providers["stable"] = new ProviderOptions
                {
                    RequestsPerMinute = reason is SkipReason.LimitReached ? 1 : null,
                    MaxConcurrency = reason is SkipReason.Busy or SkipReason.Unhealthy ? 1 : null,
                };
            },
            spare: false);
        _ = reason switch
        {
            SkipReason.CircuitOpen => _stable.Fails(FailureKind.ConnectionLost),
            SkipReason.RateLimited => _stable.Fails(FailureKind.RateLimited, TimeSpan.FromSeconds(30)),
            _ => _stable,
        };
        if (reason is SkipReason.Busy or SkipReason.Unhealthy)
        {
            _stable.Answer = (_, _) => never.Task;
            _ = composite.AskAsync(ForStable);
        }
        else if (reason is not SkipReason.NotLocal)
        {
            await TryAskAsync(composite);
        }

        if (reason is SkipReason.Isolated)
        {
            composite.Catalog.Isolate("stable");
        }
        else if (reason is SkipReason.Unhealthy)
        {
            composite.Host.Plans.Current.Providers.Single(static p => p.Name == "stable").SetHealth(ProviderHealth.Unhealthy, "down");
        }

        (long _, long _, long requests, long errors) = Evidence(composite);
        ChatOptions asked = reason is SkipReason.NotLocal
            ? new RequestPreferences { StickyKey = ((RequestPreferences)ForStable.AdditionalProperties![RequestPreferences.Key]!).StickyKey, LocalOnly = true }.ApplyTo((ChatOptions?)null)
            : ForStable;
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.AskAsync(asked)).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets.Single(static t => t.Provider == "stable").Skipped.Should().Be(reason);
        Evidence(composite).Should().Be((0, 0, requests + (counts ? 1 : 0), errors + (counts ? 1 : 0)));
        never.SetResult(Reply.Whole("late"));
    }

    private TestComposite Create(Action<CompositeOptions>? configure = null, bool spare = true) => new(spare ? [_stable, _canary, new FakeProvider("spare")] : [_stable, _canary], o =>
    {
        o.Retry.MaxRetries = 0;
        o.Routes["chat"] = new RouteOptions
        {
            Targets = { new TargetOptions { Provider = "stable" }, new TargetOptions { Provider = "canary", Canary = new CanaryOptions { Steps = { 50 }, Interval = TimeSpan.FromHours(1) } } },
        };
        if (spare)
        {
            o.Routes["chat"].Targets.Add(new TargetOptions { Provider = "spare" });
        }

        configure?.Invoke(o);
    });

    private static (long Canary, long CanaryErrors, long Stable, long StableErrors) Evidence(TestComposite composite)
    {
        CanaryEvidence evidence = composite.Catalog.GetRoutes().Single(static r => r.Name == "chat").Canary!.Evidence;
        return (evidence.CanaryRequests, evidence.CanaryErrors, evidence.StableRequests, evidence.StableErrors);
    }

    private static async Task TryAskAsync(TestComposite composite)
    {
        try
        {
            await composite.AskAsync(ForStable);
        }
        catch (NoProvidersAvailableException)
        {
            // It brings the target into the state of the test.
        }
    }

    private static ChatOptions Sticky(string key) => new RequestPreferences { StickyKey = key }.ApplyTo((ChatOptions?)null);
}
