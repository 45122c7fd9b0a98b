using Providers.Tests.Support;

namespace Providers.Tests.Failover;

/// <summary>One table of faults, run through whole answers and streams: who served, and how often each backend was asked.</summary>
public sealed class FaultTableTests
{
    /// <summary>Fault of the first target; who serves; requests at the first and the second; whether the first's circuit is charged.</summary>
    private static readonly (FailureKind Fault, string? Served, int First, int Second, bool Trips)[] Table =
    [
        (FailureKind.Unknown, "second", 1, 1, true),
        (FailureKind.Transient, "second", 1, 1, true),
        (FailureKind.RateLimited, "second", 1, 1, false),
        (FailureKind.Overloaded, "second", 1, 1, true),
        (FailureKind.ModelLoading, "second", 1, 1, false),
        (FailureKind.ModelMissing, "second", 1, 1, true),
        (FailureKind.ContextLengthExceeded, null, 1, 0, false),
        (FailureKind.ContentFiltered, null, 1, 0, false),
        (FailureKind.AuthFailed, "second", 1, 1, true),
        (FailureKind.QuotaExhausted, "second", 1, 1, true),
        (FailureKind.BadRequest, null, 1, 0, false),
        (FailureKind.Cancelled, "second", 1, 1, true), // nobody cancelled: the provider timed out and says it with a cancellation
        (FailureKind.TimedOut, "second", 1, 1, true),
        (FailureKind.ConnectionLost, "second", 1, 1, true),
        (FailureKind.InvalidResponse, "second", 1, 1, true),
        (FailureKind.BudgetExhausted, null, 1, 0, false), // of a composite behind this one: spending elsewhere is not what its host wants
    ];

    public static TheoryData<FailureKind, bool> Faults => [.. Table.SelectMany(static row => new[] { (row.Fault, false), (row.Fault, true) })];

    [Fact]
    public void Table_HasEveryKind() => Table.Select(static row => row.Fault).Should().BeEquivalentTo(Enum.GetValues<FailureKind>());

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_OfTheFirstTarget_IsServedAndCountedAsTheTableSays(FailureKind fault, bool streamed)
    {
        (_, string? served, int first, int second, bool trips) = Table.Single(row => row.Fault == fault);
        FakeProvider one = new FakeProvider("first").Fails(fault), two = new("second");
        await using TestComposite composite = new([one, two], static o => o.Circuit.ConsecutiveFailures = 1);
        (string? provider, Exception? error) = await AskAsync(composite, streamed);
        provider.Should().Be(served);
        (error as ProviderException)?.Kind.Should().Be(served is null ? fault : null);
        (error is null).Should().Be(served is not null);
        one.Calls.Should().HaveCount(first);
        two.Calls.Should().HaveCount(second);
        (composite.Catalog.GetProviders()[0].Targets[0].Circuit is CircuitState.Open).Should().Be(trips);

        if (served is null)
        {
            return;
        }

        (await AskAsync(composite, streamed)).Provider.Should().Be("second");
        bool left = trips || FailureRule.Default(fault).Pause > TimeSpan.Zero;
        one.Calls.Should().HaveCount(left ? 1 : 2, "an open circuit or a pause keeps the next request away");
        two.Calls.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rule_OfTheHost_ReplacesTheTables(bool streamed)
    {
        FakeProvider one = new FakeProvider("first").Fails(FailureKind.ContentFiltered), two = new("second");
        await using TestComposite composite = new([one, two], static o => o.Failures[FailureKind.ContentFiltered] = new FailureRule { FailOver = true });
        (await AskAsync(composite, streamed)).Provider.Should().Be("second");

        FakeProvider three = new FakeProvider("first").Fails(FailureKind.Transient), four = new("second");
        await using TestComposite strict = new([three, four], static o => o.Failures[FailureKind.Transient] = new FailureRule { FailOver = false });
        (await AskAsync(strict, streamed)).Error.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.Transient);
        four.Calls.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_OfTheOnlyTarget_IsTriedAgainAsTheTableSays(FailureKind fault, bool streamed)
    {
        FakeProvider only = new FakeProvider("only").Fails(fault, times: 1);
        await using TestComposite composite = new([only]);
        string? provider = (await composite.RunAsync(AskAsync(composite, streamed))).Provider;
        bool again = fault is FailureKind.Transient or FailureKind.ConnectionLost or FailureKind.Overloaded or FailureKind.RateLimited or FailureKind.ModelLoading;
        provider.Should().Be(again ? "only" : null);
        only.Calls.Should().HaveCount(again ? 2 : 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rule_OfTheHost_SaysWhatIsTriedAgain(bool streamed)
    {
        FakeProvider strange = new FakeProvider("only").Fails(FailureKind.InvalidResponse, times: 1);
        await using TestComposite patient = new([strange], static o => o.Failures[FailureKind.InvalidResponse] = new FailureRule { Retry = true });
        (await patient.RunAsync(AskAsync(patient, streamed))).Provider.Should().Be("only");

        FakeProvider usual = new FakeProvider("only").Fails(FailureKind.Transient, times: 1);
        await using TestComposite strict = new([usual], static o => o.Failures[FailureKind.Transient] = new FailureRule { Retry = false });
        (await strict.RunAsync(AskAsync(strict, streamed))).Provider.Should().BeNull();
        usual.Calls.Should().ContainSingle();
    }

    [Theory]
    [InlineData(FailureKind.Transient, false)]
    [InlineData(FailureKind.RateLimited, true)]
    public async Task Rule_OfTheHost_SaysWhatTripsTheCircuit(FailureKind fault, bool trips)
    {
        FakeProvider one = new FakeProvider("first").Fails(fault), two = new("second");
        await using TestComposite composite = new([one, two], o => (o.Circuit.ConsecutiveFailures, o.Failures[fault]) = (1, new FailureRule { Trips = trips }));
        (await composite.AskAsync()).GetProvider().Should().Be("second");
        (composite.Catalog.GetProviders()[0].Targets[0].Circuit is CircuitState.Open).Should().Be(trips);
    }

    [Fact]
    public async Task Rule_OfTheHost_SaysHowLongATargetIsLeftAlone()
    {
        FakeProvider one = new FakeProvider("first").Fails(FailureKind.Transient, times: 1), two = new("second");
        await using TestComposite composite = new([one, two], static o => o.Failures[FailureKind.Transient] = new FailureRule { Trips = false, Pause = TimeSpan.FromSeconds(5) });
        (await composite.AskAsync()).GetProvider().Should().Be("second");
        composite.Clock.Advance(TimeSpan.FromSeconds(4.9));
        (await composite.AskAsync()).GetProvider().Should().Be("second");
        composite.Clock.Advance(TimeSpan.FromSeconds(0.2));
        (await composite.AskAsync()).GetProvider().Should().Be("first");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Refusals_OfOurOwn_AreNoFailuresOfTheTarget(bool streamed)
    {
        FakeProvider only = new("only");
        await using TestComposite composite = new([only], static o =>
        {
            o.Providers["only"] = new ProviderOptions { RequestsPerMinute = 1 };
            o.Timeouts.Total = TimeSpan.FromSeconds(1);
        });
        (await AskAsync(composite, streamed)).Provider.Should().Be("only");
        for (int i = 0; i < 20; i++)
        {
            Task<(string?, Exception? Error)> refused = AskAsync(composite, streamed);
            NoProvidersAvailableException error = (await composite.RunAsync(refused)).Error.Should().BeOfType<NoProvidersAvailableException>().Which;
            error.Targets[0].Skipped.Should().NotBe(SkipReason.None);
            error.RetryAfter.Should().BePositive();
        }

        only.Calls.Should().HaveCount(1);
        TargetStatus status = composite.Catalog.GetProviders()[0].Targets[0];
        status.Failures.Should().Be(0);
        status.Circuit.Should().Be(CircuitState.Closed);
    }

    [Fact]
    public async Task Tokens_ReportedAsNone_AreNotTheSameAsUnreported()
    {
        FakeProvider free = new("only") { Answer = static (_, _) => Task.FromResult(Answer(new UsageDetails { TotalTokenCount = 0 })) };
        await using TestComposite composite = new([free, new FakeProvider("second")], static o => o.Providers["only"] = new ProviderOptions { TokensPerMinute = 100 });
        for (int i = 0; i < 50; i++)
        {
            (await composite.AskAsync()).GetProvider().Should().Be("only", "a reported zero gives the whole reservation back");
        }

        FakeProvider silent = new("only") { Answer = static (_, _) => Task.FromResult(Answer(null)) };
        await using TestComposite other = new([silent, new FakeProvider("second")], static o => o.Providers["only"] = new ProviderOptions { TokensPerMinute = 100 });
        List<string?> served = [];
        for (int i = 0; i < 50; i++)
        {
            served.Add((await other.AskAsync()).GetProvider());
        }

        served.Should().Contain("second", "what is not reported stays charged as estimated");
    }

    [Fact]
    public async Task Tokens_OfAStreamTheCallerLeft_StayChargedAsEstimated()
    {
        FakeProvider first = new("first");
        await using TestComposite composite = new([first, new FakeProvider("second")], static o => o.Providers["first"] = new ProviderOptions { TokensPerMinute = 100 });
        List<string?> served = [];
        for (int i = 0; i < 20; i++)
        {
            await foreach (ChatResponseUpdate update in composite.Stream(new ChatOptions { MaxOutputTokens = 30 }))
            {
                served.Add(update.AdditionalProperties![ResponseAnnotations.Provider] as string);
                break;
            }
        }

        served.Count(static s => s == "first").Should().BeInRange(1, 3, "100 tokens a minute hold three reservations of 30 and a prompt");
    }

    [Fact]
    public async Task Stream_FirstUpdate_ArrivesBeforeTheSecondIsMade()
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FakeProvider first = new("first") { Stream = (_, _) => Gated(seen.Task) };
        await using TestComposite composite = new([first]);
        int count = 0;
        await foreach (ChatResponseUpdate update in composite.Stream())
        {
            if (update.Text.Length > 0 && ++count == 1)
            {
                seen.SetResult(); // a composite that gathered the stream would never come here
            }
        }

        count.Should().Be(2);
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Gated(Task gate)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, "a");
        await gate;
        yield return new ChatResponseUpdate(ChatRole.Assistant, "b") { FinishReason = ChatFinishReason.Stop };
    }

    private static ChatResponse Answer(UsageDetails? usage) => new(new ChatMessage(ChatRole.Assistant, "x")) { FinishReason = ChatFinishReason.Stop, Usage = usage };

    private static async Task<(string? Provider, Exception? Error)> AskAsync(TestComposite composite, bool streamed)
    {
        if (streamed)
        {
            Reading reading = await Reading.OfAsync(composite.Stream());
            return (reading.Error is null ? reading.Updates.ToChatResponse().GetProvider() : null, reading.Error);
        }

        try
        {
            return ((await composite.AskAsync()).GetProvider(), null);
        }
        catch (Exception e) when (e is ProviderException or NoProvidersAvailableException)
        {
            return (null, e);
        }
    }
}
