using Providers.Tests.Support;

namespace Providers.Tests.Failover;

/// <summary>What a failure means for its request: who is asked next, and what the caller is told when nobody is.</summary>
public sealed class VerdictTests
{
    private readonly FakeProvider _first = new("first");
    private readonly FakeProvider _second = new("second");

    [Fact]
    public async Task Client_ThrowsBeforeItReturnsATask_SecondServes()
    {
        _first.Answer = static (_, _) => throw new IOException("no socket");
        await using TestComposite composite = new([_first, _second]);
        (await composite.AskAsync()).GetProvider().Should().Be("second");
        composite.Catalog.GetProviders()[0].Targets[0].LastFailure.Should().Be(FailureKind.ConnectionLost);
    }

    [Theory]
    [InlineData("first")]
    [InlineData("a gateway behind it")]
    public async Task Fault_OfTheRequest_IsToldUnderTheTargetsOwnName(string thrownBy)
    {
        ProviderException thrown = new(new ProviderFailure(FailureKind.BadRequest, "no such option"), thrownBy);
        _first.Descriptor = new ProviderDescriptor("first", "Fake") { Models = [new ModelDescriptor("m")] };
        _first.Answer = (_, _) => Task.FromException<ChatResponse>(thrown);
        await using TestComposite composite = new([_first, _second]);
        ProviderException error = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<ProviderException>()).Which;
        (error.Provider, error.Kind, error.Failure.Message).Should().Be(("first", FailureKind.BadRequest, "no such option"));
        error.InnerException.Should().BeSameAs(thrown);
        error.Attempts.Should().ContainSingle().Which.Provider.Should().Be("first");
    }

    [Fact]
    public async Task Fault_ClassifiedByTheProvider_KeepsWhatWasThrown()
    {
        IOException thrown = new("gone");
        _first.Answer = (_, _) => Task.FromException<ChatResponse>(thrown);
        await using TestComposite composite = new([_first], static o => o.Failures[FailureKind.ConnectionLost] = new FailureRule { FailOver = false });
        ProviderException error = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<ProviderException>()).Which;
        (error.Provider, error.Kind).Should().Be(("first", FailureKind.ConnectionLost));
        error.InnerException.Should().BeSameAs(thrown);
    }

    [Fact]
    public async Task Cancellation_ByTheProviderItself_IsATimeOutWithItsStatusAndCode()
    {
        ProviderFailure cancelled = new(FailureKind.Cancelled, "client closed request") { Status = 499, Code = "closed" };
        _first.Answer = (_, _) => Task.FromException<ChatResponse>(new ProviderException(cancelled, "first"));
        await using TestComposite composite = new([_first], static o => o.Retry.MaxRetries = 0);
        NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        error.Targets[0].Failure.Should().Match<ProviderFailure>(static f =>
            f.Kind == FailureKind.TimedOut && f.Message == "The provider cancelled the request itself: client closed request" && f.Status == 499 && f.Code == "closed");
    }

    [Fact]
    public async Task CallerLeft_WhateverTheClientThrows_IsTheCallersCancellation()
    {
        using CancellationTokenSource caller = new();
        _first.Answer = (_, _) =>
        {
            caller.Cancel();
            return Task.FromException<ChatResponse>(new IOException("gone"));
        };
        await using TestComposite composite = new([_first, _second]);
        (await FluentActions.Awaiting(() => composite.AskAsync(token: caller.Token)).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
        composite.Catalog.GetProviders()[0].Targets[0].Failures.Should().Be(0);
        _second.Calls.Should().BeEmpty();
    }

    /// <summary>The catalogue says it can, the server says it cannot: nobody else without it is asked.</summary>
    [Theory]
    [InlineData(true)] // the request shows the need by itself
    [InlineData(false)] // only the server's word
    public async Task Capability_TheServerLacks_IsLookedForInTheOthers(bool shown)
    {
        _first.Answer = static (_, _) => Task.FromException<ChatResponse>(new ProviderException(new ProviderFailure(FailureKind.BadRequest, "no tools") { MissingCapability = ModelCapabilities.Tools }));
        _first.Descriptor = Declares("first", ModelCapabilities.Chat | ModelCapabilities.Tools);
        _second.Descriptor = Declares("second", ModelCapabilities.Chat);
        FakeProvider third = new("third") { Descriptor = Declares("third", ModelCapabilities.Chat | ModelCapabilities.Tools) };
        await using TestComposite composite = new([_first, _second, third]);
        ChatOptions options = new() { Tools = shown ? [AIFunctionFactory.Create(static () => 1, "one")] : null };
        (await composite.AskAsync(options)).GetProvider().Should().Be("third");
        _second.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Context_IsTooSmall_OnlyLargerOnesAreAskedAndTheLargestRefusalCounts()
    {
        FakeProvider small = Window("small", 8_000), refuses = Window("refuses", 32_000), same = Window("same", 32_000), large = Window("large", 128_000), unknown = new("unknown");
        small.Fails(FailureKind.ContextLengthExceeded);
        refuses.Fails(FailureKind.ContextLengthExceeded);
        await using TestComposite composite = new([small, refuses, unknown, same, large]);
        ChatResponse response = await composite.AskAsync();
        (response.GetProvider(), response.GetAttempts()).Should().Be(("large", 3));
        (same.Calls.Count + unknown.Calls.Count).Should().Be(0);
    }

    [Fact]
    public async Task Context_TheServerNamesItsWindow_ThatIsTheOneToExceed()
    {
        FakeProvider declared = Window("declared", 8_000), small = Window("small", 32_000), large = Window("large", 32_001);
        declared.Answer = static (_, _) => Task.FromException<ChatResponse>(new ProviderException(new ProviderFailure(FailureKind.ContextLengthExceeded, "too long") { ContextWindow = 32_000 }));
        await using TestComposite composite = new([declared, small, large]);
        (await composite.AskAsync()).GetProvider().Should().Be("large");
        small.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Context_ASmallerOneRefusesLater_TheLargestStillCounts()
    {
        FakeProvider[] providers = [Window("a", 32_000), Window("b", 64_000), Window("c", 50_000), Window("d", 128_000)];
        providers[0].Fails(FailureKind.ContextLengthExceeded);
        providers[1].Answer = static (_, _) => Task.FromException<ChatResponse>(new ProviderException(new ProviderFailure(FailureKind.ContextLengthExceeded, "too long") { ContextWindow = 1_000 }));
        await using TestComposite composite = new(providers);
        (await composite.AskAsync()).GetProvider().Should().Be("d", "64,000 were too few, whatever the server says of 1,000");
        providers[2].Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Context_TwoRefuseSideBySide_TheLargerOneCountsInWhateverOrder()
    {
        FakeProvider[] providers = [Window("a", 8_000), Window("b", 32_000), Window("c", 16_000), Window("d", 64_000)];
        TaskCompletionSource<ChatResponse>[] answers = [new(), new()];
        providers[0].Answer = (_, _) => answers[0].Task;
        providers[1].Answer = (_, _) => answers[1].Task;
        await using TestComposite composite = new(providers, static o =>
        {
            o.Routes["r"] = new RouteOptions { Hedging = new HedgingOptions { Delay = TimeSpan.FromSeconds(1) } };
            foreach (string name in (string[])["a", "b", "c", "d"])
            {
                o.Routes["r"].Targets.Add(new TargetOptions { Provider = name });
            }
        });
        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(1));
        foreach (int i in (int[])[1, 0])
        {
            answers[i].SetException(new ProviderException(new ProviderFailure(FailureKind.ContextLengthExceeded, "too long"), providers[i].Descriptor.Name));
        }

        (await task).GetProvider().Should().Be("d");
        providers[2].Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Context_TheHostWantsNoFailover_SurfacesThoughALargerOneIsThere()
    {
        FakeProvider small = Window("small", 8_000), large = Window("large", 128_000);
        small.Fails(FailureKind.ContextLengthExceeded);
        await using TestComposite composite = new([small, large], static o => o.Failures[FailureKind.ContextLengthExceeded] = new FailureRule { FailOver = false });
        (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.ContextLengthExceeded);
        large.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Request_AfterOneThatNeededMuch_NeedsNothingOfIt()
    {
        FakeProvider small = Window("small", 8_000), large = Window("large", 128_000);
        small.Fails(FailureKind.ContextLengthExceeded, times: 1);
        await using TestComposite composite = new([small, large]);
        (await composite.AskAsync(new RequestPreferences { Order = ["small", "large"] }.ApplyTo(new ChatOptions { Tools = null }))).GetProvider().Should().Be("large");
        ChatResponse next = await composite.AskAsync();
        (next.GetProvider(), next.GetAttempts()).Should().Be(("small", 1), "the pooled call has forgotten the first");
        next.AdditionalProperties.Should().NotContainKey(ResponseAnnotations.Trail);
    }

    private static FakeProvider Window(string name, int tokens) => new(name)
    {
        Descriptor = new ProviderDescriptor(name, "Fake") { Models = [new ModelDescriptor(name) { ContextWindow = tokens }] },
    };

    private static ProviderDescriptor Declares(string name, ModelCapabilities capabilities) => new(name, "Fake") { Models = [new ModelDescriptor(name) { Capabilities = capabilities }] };
}
