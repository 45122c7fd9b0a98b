using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Providers.Tests.Support;

namespace Providers.Tests.Budgets;

public sealed class BudgetTests
{
    private readonly FakeLogCollector _logs = new();
    private readonly FakeProvider _provider = new("paid")
    {
        Embeds = true,
        Descriptor = new ProviderDescriptor("paid", "Fake") { Models = [new ModelDescriptor("m") { InputPrice = 1_000, OutputPrice = 2_000 }] },
    };

    public BudgetTests() => _provider.Answer = static (_, _) => Task.FromResult(Answer(10, 20));

    [Fact]
    public async Task Tokens_UsedUp_RefusesWithItsOwnKindUntilTheWindowEnds()
    {
        await using TestComposite composite = Create(new BudgetOptions { Tokens = 60, Window = BudgetWindow.Hour });
        await composite.AskAsync();
        await composite.AskAsync();
        ProviderException error = (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<ProviderException>()).Which;
        error.Kind.Should().Be(FailureKind.BudgetExhausted);
        error.Failure.RetryAfter.Should().Be(TimeSpan.FromHours(1));
        error.Message.Should().Contain("'b'").And.Contain("60 tokens").And.Contain("Budgets:b");
        (await FluentActions.Awaiting(async () => (await Reading.OfAsync(composite.Stream())).Error.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.BudgetExhausted)).Should().NotThrowAsync()).Should().NotBeNull();
        _provider.Calls.Should().HaveCount(2, "no provider is asked");
        composite.Clock.Advance(TimeSpan.FromHours(1));
        (await composite.AskAsync()).Text.Should().Be("ok");
        composite.Catalog.GetBudgets().Should().ContainSingle().Which.Should().Match<BudgetStatus>(static b => b.Tokens == 30 && b.Used == 0.5 && b.TokenLimit == 60);
    }

    [Fact]
    public async Task Cost_ByThePricesOfTheModel()
    {
        await using TestComposite composite = Create(new BudgetOptions { Cost = 0.10m, Window = BudgetWindow.Month });
        await composite.AskAsync(); // 10 in at 1,000 and 20 out at 2,000 a million: 0.05
        composite.Catalog.GetBudgets()[0].Should().Match<BudgetStatus>(static b => b.Cost == 0.05m && b.WindowEnd == new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
        await composite.AskAsync();
        (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.BudgetExhausted);
    }

    [Fact]
    public async Task Tenants_HaveTheirOwn_AndAreInNoLabelAndNoLog()
    {
        await using TestComposite composite = Create(new BudgetOptions { Tokens = 30, PerTenant = true, WarnAt = 0.5 }, static s => s.AddMetrics());
        _ = composite.Chat;
        IMeterFactory meters = composite.Services.GetRequiredService<IMeterFactory>();
        using MetricCollector<long> refused = new(meters, "Providers", "llm.budget.rejected");
        using MetricCollector<long> warned = new(meters, "Providers", "llm.budget.warnings");
        using MetricCollector<double> used = new(meters, "Providers", "llm.budget.used");
        using MetricCollector<double> cost = new(meters, "Providers", "llm.tokens.cost");
        using MetricCollector<long> calls = new(meters, "Providers", "llm.calls");
        await composite.AskAsync(Of("secret-tenant"));
        await composite.AskAsync(Of("other"));
        await FluentActions.Awaiting(() => composite.AskAsync(Of("secret-tenant"))).Should().ThrowAsync<ProviderException>();
        await composite.AskAsync();
        used.RecordObservableInstruments();
        refused.GetMeasurementSnapshot().Should().ContainSingle().Which.Tags.Should().BeEquivalentTo(new Dictionary<string, object?> { ["budget"] = "b" });
        warned.GetMeasurementSnapshot().Should().HaveCount(3, "once for each tenant and window").And.OnlyContain(static m => m.Value == 1 && (string)m.Tags["budget"]! == "b");
        used.GetMeasurementSnapshot().Should().ContainSingle().Which.Value.Should().Be(1);
        cost.GetMeasurementSnapshot().Sum(static m => m.Value).Should().BeApproximately(0.15, 1e-9);
        calls.GetMeasurementSnapshot().Select(static m => m.Tags["outcome"]).Should().Equal("success", "success", "budget_exhausted", "success");
        _logs.GetSnapshot().Should().Contain(static l => l.Id.Id == 220 && l.Message.Contains("50 %")).And.NotContain(static l => l.Message.Contains("secret-tenant"));
        composite.Catalog.GetBudgets().Select(static b => b.Tenant).Should().BeEquivalentTo("secret-tenant", "other", "");
    }

    [Fact]
    public async Task WarnOnly_NeverRefuses()
    {
        await using TestComposite composite = Create(new BudgetOptions { Tokens = 1, Stop = false });
        await composite.AskAsync();
        (await composite.AskAsync()).Text.Should().Be("ok");
    }

    [Theory]
    [InlineData(60, null, "60 tokens and 0.1 spent of 60 tokens for this hour")]
    [InlineData(null, 0.1, "60 tokens and 0.1 spent of 0.1 for this hour")]
    [InlineData(60, 0.1, "60 tokens and 0.1 spent of 60 tokens and 0.1 for this hour")]
    public async Task Refusal_SaysWhatIsSpentOfWhatAndUntilWhen(int? tokens, double? cost, string spent)
    {
        await using TestComposite composite = Create(new BudgetOptions { Tokens = tokens, Cost = (decimal?)cost, Window = BudgetWindow.Hour });
        await composite.AskAsync();
        await composite.AskAsync();
        (await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<ProviderException>()).Which.Failure.Message.Should().Be(
            $"The budget 'b' is used up: {spent}, which ends at 2026-11-23 01:00:00Z. Raise the limit in Budgets:b, or wait.");
        _logs.GetSnapshot().Should().NotContain(static l => l.Id.Id == 221, "there is no ledger to fail");
    }

    /// <summary>Whatever part of its count an answer reports, the rest is worked out; where it reports none, the prompt is estimated.</summary>
    [Theory]
    [InlineData(10, 20, 100, 30)] // the parts are what is paid for
    [InlineData(10, 20, null, 30)]
    [InlineData(null, 30, 100, 100)]
    [InlineData(null, 30, null, 30)]
    [InlineData(null, 30, 10, 30)] // a total below its part is no total
    [InlineData(null, null, 40, 40)]
    public async Task Usage_ReportedInPart_IsCompleted(int? input, int? output, int? total, long tokens)
    {
        _provider.Answer = (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "ok"))
        {
            FinishReason = ChatFinishReason.Stop,
            Usage = new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = total },
        });
        await using TestComposite composite = Create(new BudgetOptions { Tokens = 1_000 });
        await composite.AskAsync();
        composite.Catalog.GetBudgets()[0].Tokens.Should().Be(tokens);
    }

    [Theory]
    [InlineData(1_000, null, 0.01)]
    [InlineData(null, 2_000, 0.04)]
    [InlineData(1_000, 2_000, 0.05)]
    [InlineData(null, null, null)] // of a model without a price nobody knows the cost
    public async Task Price_OfOneSideOnly_IsEnoughForACost(int? input, int? output, double? expected)
    {
        _provider.Descriptor = new ProviderDescriptor("paid", "Fake") { Models = [new ModelDescriptor("m") { InputPrice = input, OutputPrice = output }] };
        await using TestComposite composite = Create(new BudgetOptions { Tokens = 1_000 }, static s => s.AddMetrics());
        _ = composite.Chat;
        using MetricCollector<double> cost = new(composite.Services.GetRequiredService<IMeterFactory>(), "Providers", "llm.tokens.cost");
        await composite.AskAsync();
        composite.Catalog.GetBudgets()[0].Cost.Should().Be((decimal)(expected ?? 0));
        cost.GetMeasurementSnapshot().Select(static m => m.Value).Should().Equal(expected is { } value ? [value] : []);
    }

    [Fact]
    public async Task Route_OnlyItsRequestsCount_WithoutUsageThePromptIsEstimated()
    {
        _provider.Answer = static (_, _) => Task.FromResult(Reply.Whole("ok"));
        await using TestComposite composite = Create(new BudgetOptions { Tokens = 1_000, Route = "r" });
        await composite.AskAsync(new ChatOptions { ModelId = "paid" });
        composite.Catalog.GetBudgets().Should().BeEmpty();
        await composite.AskAsync();
        composite.Catalog.GetBudgets()[0].Tokens.Should().BeInRange(5, 15, "'Capital of Norway?' and its frame");
        await composite.Embeddings.GenerateAsync(["a", "b"]);
        composite.Catalog.GetBudgets()[0].Tokens.Should().BeInRange(7, 17, "embeddings report theirs");
    }

    [Fact]
    public async Task Streams_CountWhatTheyReport()
    {
        await using TestComposite composite = Create(new BudgetOptions { Tokens = 1_000 });
        (await Reading.OfAsync(composite.Stream())).Error.Should().BeNull();
        composite.Catalog.GetBudgets()[0].Tokens.Should().Be(7 + Reply.Length);
    }

    [Fact]
    public async Task Ledger_KeepsWhatWasSpentOverARestart()
    {
        string folder = Directory.CreateTempSubdirectory("providers-budget").FullName;
        try
        {
            string file = Path.Combine(folder, "usage", "ledger");
            await using (TestComposite first = Create(new BudgetOptions { Tokens = 60, PerTenant = true }, ledger: file))
            {
                await first.AskAsync(Of("t"));
                await first.AskAsync(Of("t"));
            }

            await using TestComposite second = Create(new BudgetOptions { Tokens = 60, PerTenant = true }, ledger: file);
            (await FluentActions.Awaiting(() => second.AskAsync(Of("t"))).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.BudgetExhausted);
            (await second.AskAsync(Of("u"))).Text.Should().Be("ok");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Ledger_OfTheHost_IsOfferedAgainWhatItRefused()
    {
        FlakyLedger ledger = new();
        await using (TestComposite composite = Create(new BudgetOptions { Tokens = 1_000 }, s => s.AddSingleton<IUsageLedger>(ledger)))
        {
            ledger.Refuses = true;
            await composite.AskAsync();
            composite.Clock.Advance(TimeSpan.FromSeconds(1));
            ledger.Entries.Should().BeEmpty();
            ledger.Refuses = false;
            await composite.AskAsync();
        }

        ledger.Entries.Sum(static e => e.Tokens).Should().Be(60);
        ledger.Entries.Sum(static e => e.Cost).Should().Be(0.10m);
        _logs.GetSnapshot().Should().Contain(static l => l.Id.Id == 221);
    }

    [Fact]
    public void Configuration_ErrorsAreNamed()
    {
        TestComposite composite = Create(new BudgetOptions { Route = "nowhere", Cost = -1, WarnAt = 0 });
        composite.Invoking(static c => c.Chat).Should().Throw<OptionsValidationException>().Which.Failures.Should()
            .Contain(static f => f.Contains("Budgets:b:Route") && f.Contains("'nowhere'"))
            .And.Contain(static f => f.Contains("Budgets:b:Cost")).And.Contain(static f => f.Contains("Budgets:b:WarnAt"));
        TestComposite many = new([_provider], static o =>
        {
            o.Routes["r"] = new RouteOptions { Targets = { new TargetOptions { Provider = "paid" } } };
            o.Routes["s"] = new RouteOptions { Targets = { new TargetOptions { Provider = "paid" } } };
            o.Budgets["b"] = new BudgetOptions { Tokens = 1, Route = "t" };
        });
        many.Invoking(static c => c.Chat).Should().Throw<OptionsValidationException>().WithMessage("*Routes are: r, s.*");
        TestComposite nothing = Create(new BudgetOptions());
        nothing.Invoking(static c => c.Chat).Should().Throw<OptionsValidationException>().WithMessage("*Budgets:b limits nothing*");
    }

    private TestComposite Create(BudgetOptions budget, Action<IServiceCollection>? services = null, string? ledger = null) => new(
        [_provider],
        o =>
        {
            o.DefaultRoute = "r";
            o.Routes["r"] = new RouteOptions { Targets = { new TargetOptions { Provider = "paid" } } };
            o.Budgets["b"] = budget;
            o.UsageLedger = ledger;
        },
        services: s =>
        {
            s.AddLogging(b => b.AddProvider(new FakeLoggerProvider(_logs)));
            services?.Invoke(s);
        });

    private static ChatOptions Of(string tenant) => new RequestPreferences { Tenant = tenant }.ApplyTo((ChatOptions?)null);

    private static ChatResponse Answer(int input, int output) => new(new ChatMessage(ChatRole.Assistant, "ok"))
    {
        FinishReason = ChatFinishReason.Stop,
        Usage = new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = input + output },
    };

    private sealed class FlakyLedger : IUsageLedger
    {
        public bool Refuses { get; set; }

        public List<UsageEntry> Entries { get; } = [];

        public ValueTask<IReadOnlyList<UsageEntry>> LoadAsync(DateTimeOffset since, CancellationToken cancellationToken = default) =>
            ValueTask.FromException<IReadOnlyList<UsageEntry>>(new IOException("not yet"));

        public ValueTask AppendAsync(IReadOnlyList<UsageEntry> entries, CancellationToken cancellationToken = default)
        {
            if (Refuses)
            {
                return ValueTask.FromException(new IOException("full"));
            }

            Entries.AddRange(entries);
            return default;
        }
    }
}
