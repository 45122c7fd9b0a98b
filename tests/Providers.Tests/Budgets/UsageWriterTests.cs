using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Testing;
using Providers.Budgets;
using Providers.Timing;

namespace Providers.Tests.Budgets;

/// <summary>When amounts are carried to the ledger, and what becomes of those it refuses.</summary>
public sealed class UsageWriterTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 5, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly FakeTimeProvider _clock = new(Now);
    private readonly Meter _meter = new("usage writer tests");
    private readonly FakeLogger _log = new();
    private readonly Ledger _ledger = new();

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task Amounts_AreAddedUpAndCarriedFiveTimesASecond()
    {
        await using UsageWriter writer = Writer();
        for (int i = 0; i < 10; i++)
        {
            _clock.Advance(Pause); // nothing to carry: the ledger is not asked
        }

        _ledger.Appends.Should().Be(0);
        writer.Add(Spent(1, 0.5m));
        writer.Add(Spent(2, 0.25m));
        _clock.Advance(Pause - TimeSpan.FromTicks(1));
        _ledger.Appends.Should().Be(0);
        _clock.Advance(TimeSpan.FromTicks(1));
        _ledger.Kept.Should().Equal(Spent(3, 0.75m));
        writer.Add(Spent(4, 1));
        _clock.Advance(Pause);
        _ledger.Kept.Should().Equal(Spent(3, 0.75m), Spent(4, 1));
        _ledger.Since.Should().Be(Now.AddDays(-32), "the longest window is a month");
    }

    [Fact]
    public async Task Refused_IsOfferedAgainAfterFiveSeconds_WithWhatCameMeanwhile()
    {
        await using UsageWriter writer = Writer();
        using MetricCollector<long> failures = new(_meter, "llm.budget.ledger.failures");
        _ledger.IsFull = true;
        writer.Add(Spent(1, 0.5m));
        _clock.Advance(Pause);
        (_ledger.Appends, failures.GetMeasurementSnapshot().Count).Should().Be((1, 1));
        _log.Collector.GetSnapshot().Should().ContainSingle().Which.Id.Id.Should().Be(221);
        _ledger.IsFull = false;
        writer.Add(Spent(2, 1));
        _clock.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        _ledger.Appends.Should().Be(1, "a full disk is not asked five times a second");
        _clock.Advance(TimeSpan.FromTicks(1));
        _ledger.Kept.Should().Equal(Spent(3, 1.5m));
        writer.Add(Spent(4, 1));
        _clock.Advance(Pause);
        _ledger.Kept.Should().HaveCount(2, "it is well again");
        failures.GetMeasurementSnapshot().Should().ContainSingle();
    }

    /// <summary>What is carried before the earlier amounts were read would come back with them, and be counted twice.</summary>
    [Fact]
    public async Task Load_Fails_IsTriedAgainAfterFiveSeconds_AndNothingIsCarriedUntilThen()
    {
        _ledger.IsUnreadable = true;
        _ledger.Earlier.Add(Spent(7, 2));
        List<UsageEntry> restored = [];
        using MetricCollector<long> failures = new(_meter, "llm.budget.ledger.failures");
        await using UsageWriter writer = Writer(restored.Add);
        failures.GetMeasurementSnapshot().Should().ContainSingle().Which.Value.Should().Be(1);
        _log.Collector.GetSnapshot().Should().ContainSingle().Which.Exception.Should().BeOfType<IOException>();
        writer.Add(Spent(1, 1));
        _clock.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        (_ledger.Appends, restored.Count, failures.GetMeasurementSnapshot().Count).Should().Be((0, 0, 1));
        _ledger.IsUnreadable = false;
        _clock.Advance(TimeSpan.FromTicks(1));
        restored.Should().Equal(Spent(7, 2));
        _ledger.Appends.Should().Be(0);
        _clock.Advance(Pause);
        _ledger.Kept.Should().Equal(Spent(1, 1));
        failures.GetMeasurementSnapshot().Should().ContainSingle();
        restored.Should().ContainSingle("it is read once");
    }

    [Fact]
    public async Task Stop_CarriesTheRest()
    {
        UsageWriter writer = Writer();
        writer.Add(Spent(1, 1));
        await writer.DisposeAsync();
        _ledger.Kept.Should().Equal(Spent(1, 1));
        _clock.Advance(TimeSpan.FromMinutes(1));
        _ledger.Appends.Should().Be(1);
    }

    private UsageWriter Writer(Action<UsageEntry>? restore = null) => new(_ledger, new BudgetTelemetry(_meter, _log), new Clock(_clock), restore ?? (static _ => { }));

    private static UsageEntry Spent(long tokens, decimal cost) => new("b", "t", new DateTimeOffset(Now.Date, TimeSpan.Zero), tokens, cost);

    private sealed class Ledger : IUsageLedger
    {
        public bool IsFull { get; set; }

        public bool IsUnreadable { get; set; }

        public int Appends { get; private set; }

        public DateTimeOffset Since { get; private set; }

        public List<UsageEntry> Earlier { get; } = [];

        public List<UsageEntry> Kept { get; } = [];

        public ValueTask<IReadOnlyList<UsageEntry>> LoadAsync(DateTimeOffset since, CancellationToken cancellationToken = default)
        {
            Since = since;
            return IsUnreadable ? ValueTask.FromException<IReadOnlyList<UsageEntry>>(new IOException("not yet")) : new([.. Earlier]);
        }

        public ValueTask AppendAsync(IReadOnlyList<UsageEntry> entries, CancellationToken cancellationToken = default)
        {
            Appends++;
            if (IsFull)
            {
                return ValueTask.FromException(new IOException("full"));
            }

            Kept.AddRange(entries);
            return default;
        }
    }
}
