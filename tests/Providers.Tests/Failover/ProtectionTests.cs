using Microsoft.Extensions.DependencyInjection;
using Providers.Tests.Support;

namespace Providers.Tests.Failover;

/// <summary>What keeps a failing fleet from being hammered, and a request from being refused while something might serve it.</summary>
public sealed class ProtectionTests
{
    private readonly FakeProvider _first = new("first");
    private readonly FakeProvider _second = new("second");

    [Fact]
    public async Task Outage_OfThePrimary_CostsFewAttemptsAndNoRequest()
    {
        _first.Fails(FailureKind.ConnectionLost);
        await using TestComposite composite = new([_first, _second]);
        for (int i = 0; i < 1_000; i++)
        {
            (await composite.AskAsync()).GetProvider().Should().Be("second");
            composite.Clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        _first.Calls.Count.Should().BeLessThan(100, "1,000 requests over 100 seconds");
    }

    [Fact]
    public async Task Outage_OfAll_IsProbedAtMostOncePerIntervalAndListsEverything()
    {
        _first.Fails(FailureKind.ConnectionLost);
        _second.Fails(FailureKind.Overloaded);
        await using TestComposite composite = new([_first, _second], static o => o.Retry.MaxRetries = 0);
        for (int i = 0; i < 10; i++)
        {
            await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>();
        }

        int before = _first.Calls.Count + _second.Calls.Count;
        for (int i = 0; i < 600; i++)
        {
            NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
            error.Targets.Should().HaveCount(2);
            error.RetryAfter.Should().NotBeNull();
            composite.Clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        (_first.Calls.Count + _second.Calls.Count - before).Should().BeInRange(20, 130, "60 seconds at one probe a second and target");
    }

    [Fact]
    public async Task Recovery_OfThePrimary_TrafficComesBackGradually()
    {
        bool down = true;
        _first.Answer = (_, _) => down ? Task.FromException<ChatResponse>(new IOException("down")) : Task.FromResult(Reply.Whole("ok"));
        await using TestComposite composite = new([_first, _second]);
        for (int i = 0; i < 20; i++)
        {
            await composite.AskAsync();
        }

        down = false;
        composite.Clock.Advance(TimeSpan.FromSeconds(5));
        (await composite.AskAsync()).GetProvider().Should().Be("first", "the request after the break is the probe");
        int calls = _first.Calls.Count;
        for (int i = 0; i < 100; i++)
        {
            composite.Clock.Advance(TimeSpan.FromMilliseconds(10));
            await composite.AskAsync();
        }

        (_first.Calls.Count - calls).Should().BeLessThanOrEqualTo(10, "at most a tenth in the first second");
        composite.Clock.Advance(TimeSpan.FromSeconds(10));
        (await composite.AskAsync()).GetProvider().Should().Be("first");
    }

    [Fact]
    public async Task Recovery_OfTheOnlyTarget_SlowStartRefusesNobody()
    {
        _first.Fails(FailureKind.ConnectionLost, times: 5);
        await using TestComposite composite = new([_first], static o => o.Retry.MaxRetries = 0);
        for (int i = 0; i < 5; i++)
        {
            await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>();
        }

        composite.Clock.Advance(TimeSpan.FromSeconds(5));
        for (int i = 0; i < 50; i++)
        {
            (await composite.AskAsync()).GetProvider().Should().Be("first");
        }
    }

    [Fact]
    public async Task WaitForFirst_CircuitIsOpen_WaitsForItsProbe()
    {
        _first.Fails(FailureKind.ConnectionLost, times: 5);
        await using TestComposite composite = new([_first], static o =>
        {
            o.Retry.MaxRetries = 0;
            o.Circuit.PanicInterval = TimeSpan.FromHours(1);
            o.Routes["r"] = new RouteOptions { WaitForFirst = TimeSpan.FromSeconds(10) };
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "first" });
        });
        for (int i = 0; i < 5; i++)
        {
            await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>();
        }

        Task<ChatResponse> task = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromSeconds(4.9));
        task.IsCompleted.Should().BeFalse();
        composite.Clock.Advance(TimeSpan.FromSeconds(0.2));
        (await task).Text.Should().Be("ok");
    }

    [Fact]
    public async Task RateLimitDomain_OneTargetIsTold_BothWait()
    {
        _first.Fails(FailureKind.RateLimited, TimeSpan.FromSeconds(30));
        FakeProvider other = new("other");
        await using TestComposite composite = new([_first, _second, other], static o =>
        {
            o.Providers["first"] = new ProviderOptions { RateLimitDomain = "account" };
            o.Providers["second"] = new ProviderOptions { RateLimitDomain = "account" };
        });
        (await composite.AskAsync()).GetProvider().Should().Be("other");
        (await composite.AskAsync()).GetProvider().Should().Be("other");
        _first.Calls.Should().HaveCount(1);
        _second.Calls.Should().BeEmpty();
        composite.Clock.Advance(TimeSpan.FromSeconds(30));
        await composite.AskAsync();
        _first.Calls.Should().HaveCount(2);
    }

    [Fact]
    public async Task Concurrency_Full_GoesToTheNextAndOnlyThenQueues()
    {
        TaskCompletionSource<ChatResponse> gate = new();
        _first.Answer = (_, _) => gate.Task;
        await using TestComposite composite = new([_first, _second], static o => o.Providers["first"] = new ProviderOptions { MaxConcurrency = 1, QueueLimit = 1 });
        Task<ChatResponse> holder = composite.AskAsync();
        (await composite.AskAsync()).GetProvider().Should().Be("second");
        composite.Catalog.Isolate("second");
        Task<ChatResponse> queued = composite.AskAsync();
        queued.IsCompleted.Should().BeFalse();
        NoProvidersAvailableException full = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
        full.Targets.Should().Contain(static t => t.Provider == "first" && t.Skipped == SkipReason.Busy);
        gate.SetResult(Reply.Whole("done"));
        (await holder).Text.Should().Be("done");
        (await queued).Text.Should().Be("done");
        composite.Catalog.GetProviders()[0].Targets[0].Failures.Should().Be(0, "our own refusals are no failures of the target");
    }

    [Fact]
    public async Task Concurrency_QueuedPastItsDeadline_GivesUp()
    {
        _first.Hangs();
        await using TestComposite composite = new([_first], static o =>
        {
            o.Providers["first"] = new ProviderOptions { MaxConcurrency = 1, QueueLimit = 5 };
            o.Timeouts.Total = TimeSpan.FromSeconds(10);
            o.Retry.MaxRetries = 0;
        });
        Task<ChatResponse> holder = composite.AskAsync(new RequestPreferences { TotalTimeout = TimeSpan.FromHours(1) }.ApplyTo((ChatOptions?)null));
        using CancellationTokenSource source = new();
        Task<ChatResponse> cancelled = composite.AskAsync(token: source.Token);
        Task<ChatResponse> late = composite.AskAsync(new RequestPreferences { TotalTimeout = TimeSpan.FromSeconds(5) }.ApplyTo((ChatOptions?)null));
        await source.CancelAsync();
        await FluentActions.Awaiting(() => cancelled).Should().ThrowAsync<OperationCanceledException>();
        composite.Clock.Advance(TimeSpan.FromSeconds(5));
        await FluentActions.Awaiting(() => late).Should().ThrowAsync<NoProvidersAvailableException>();
        composite.Clock.Advance(TimeSpan.FromSeconds(5));
        await FluentActions.Awaiting(() => holder).Should().ThrowAsync<ProviderException>();
        composite.Catalog.GetProviders()[0].InFlight.Should().Be(0);
    }

    [Fact]
    public async Task Limits_RequestsPerMinuteUsedUp_NextTargetServes()
    {
        await using TestComposite composite = new([_first, _second], static o => o.Providers["first"] = new ProviderOptions { RequestsPerMinute = 10 });
        for (int i = 0; i < 15; i++)
        {
            await composite.AskAsync();
        }

        _first.Calls.Should().HaveCount(10);
        _second.Calls.Should().HaveCount(5);
    }

    [Fact]
    public async Task Limits_TokensAreSettledWithWhatWasUsed()
    {
        _first.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "x")) { FinishReason = ChatFinishReason.Stop, Usage = new UsageDetails { TotalTokenCount = 600 } });
        await using TestComposite composite = new([_first, _second], static o => o.Providers["first"] = new ProviderOptions { TokensPerMinute = 1_000 });
        (await composite.AskAsync()).GetProvider().Should().Be("first");
        (await composite.AskAsync()).GetProvider().Should().Be("first");
        (await composite.AskAsync()).GetProvider().Should().Be("second", "1,200 of 1,000 tokens are used");
    }

    [Fact]
    public async Task ColdModel_LoadsOnDemand_IsGivenTheLoadDeadlineOnceAndTheUsualOneAfter()
    {
        _first.Descriptor = new ProviderDescriptor("first", "Fake") { LoadsOnDemand = true };
        await using TestComposite composite = new([_first, _second], static o => o.Timeouts.FirstContent = TimeSpan.FromSeconds(20));
        _first.Stream = (n, token) => n == 0 ? Reply.Paced(composite.Clock, TimeSpan.FromSeconds(90), 1, token) : Reply.Silence(0, token);
        Reading cold = await composite.RunAsync(Reading.OfAsync(composite.Stream()), TimeSpan.FromSeconds(100));
        cold.Updates.ToChatResponse().GetProvider().Should().Be("first");
        Reading warm = await composite.RunAsync(Reading.OfAsync(composite.Stream()), TimeSpan.FromSeconds(21));
        warm.Updates.ToChatResponse().GetProvider().Should().Be("second");
    }

    [Fact]
    public async Task Gate_IsOff_TargetTakesNoTraffic()
    {
        Gates gates = new();
        await using TestComposite composite = new([_first, _second], static o =>
        {
            o.Routes["r"] = new RouteOptions();
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "first", Gate = "new-model" });
            o.Routes["r"].Targets.Add(new TargetOptions { Provider = "second" });
        }, services: s => s.AddSingleton<IRouteGate>(gates));
        (await composite.AskAsync()).GetProvider().Should().Be("second");
        gates.Open = true;
        (await composite.AskAsync()).GetProvider().Should().Be("first");
    }

    [Fact]
    public async Task Needs_OfTheRequest_FindTheTargetThatHasThem()
    {
        FakeProvider[] providers =
        [
            Declares("text", ModelCapabilities.Chat, 1_000),
            Declares("eyes", ModelCapabilities.Chat | ModelCapabilities.Vision, 1_000),
            Declares("tools", ModelCapabilities.Chat | ModelCapabilities.Tools, 1_000),
            Declares("schema", ModelCapabilities.Chat | ModelCapabilities.JsonSchema, 1_000),
            Declares("large", ModelCapabilities.Chat, 100_000),
        ];
        await using TestComposite composite = new(providers);
        (await composite.AskAsync()).GetProvider().Should().Be("text");
        (await composite.AskAsync(new ChatOptions { Tools = [AIFunctionFactory.Create(static () => 1, "one")] })).GetProvider().Should().Be("tools");
        (await composite.AskAsync(new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema<int[]>() })).GetProvider().Should().Be("schema");
        ChatMessage picture = new(ChatRole.User, [new TextContent("what is this?"), new DataContent(new byte[] { 1 }, "image/png")]);
        (await composite.Chat.GetResponseAsync([picture])).GetProvider().Should().Be("eyes");
        ChatMessage link = new(ChatRole.User, [new UriContent("http://127.0.0.1/x.png", "image/png")]);
        (await composite.Chat.GetResponseAsync([link])).GetProvider().Should().Be("eyes");
        (await composite.Chat.GetResponseAsync(new string('x', 40_000))).GetProvider().Should().Be("large");
    }

    private static FakeProvider Declares(string name, ModelCapabilities capabilities, int window) => new(name)
    {
        Descriptor = new ProviderDescriptor(name, "Fake") { Models = [new ModelDescriptor(name) { Capabilities = capabilities, ContextWindow = window }] },
    };

    private sealed class Gates : IRouteGate
    {
        public bool Open { get; set; }

        public bool IsOpen(string gate) => gate == "new-model" && Open;
    }
}
