using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Providers.Memory.Tests;

/// <summary>What the meter <c>Providers.Memory</c> publishes.</summary>
[Collection("upkeep")] // its rounds set a gauge of the whole process
public sealed class MetricsTests : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> _seen = new();

    public MetricsTests()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Providers.Memory")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Operations_AreTimedByOperationStoreAndOutcome()
    {
        Fixture f = new();
        await f.StoreAsync("a note", "metric-x");
        await f.Store.GetAsync(Fixture.Scope, "metric-x");
        await f.FindAsync("note");
        await f.Store.ListAsync(Fixture.Scope);
        await f.Store.ExecuteAsync(new MemoryTransaction(Fixture.Scope, [new MemoryPatch("metric-x") { Importance = 1 }]));
        await FluentActions.Awaiting(() => f.Store.ExecuteAsync(new MemoryTransaction(Fixture.Scope, [new MemoryPatch("none") { Importance = 1 }])).AsTask()).Should().ThrowAsync<MemoryConflictException>();
        await FluentActions.Awaiting(() => f.Store.ExecuteAsync(new MemoryTransaction(Fixture.Scope, [])).AsTask()).Should().ThrowAsync<MemoryValidationException>();
        await FluentActions.Awaiting(() => f.Store.DeleteAsync(Fixture.Scope, new MemoryFilter { Ids = ["x"] }, new CancellationToken(canceled: true)).AsTask()).Should().ThrowAsync<OperationCanceledException>();
        await f.Store.ExecuteAsync(new MemoryTransaction(Fixture.Scope, [new MemoryDelete("metric-x")]));
        await f.Store.EraseAsync(Fixture.Scope);
        await f.Store.GetStatsAsync(Fixture.Scope);
        Of("memory.operations.duration").Should().Contain(["upsert success", "get success", "search success", "list success", "update success", "update conflict", "execute invalid", "delete success", "erase success", "stats success"]);
        _seen.Where(static s => s.Name == "memory.operations.duration").Should().OnlyContain(static s => s.Value >= 0 && s.Value < 600 && !s.Tags.Contains("acme"));
    }

    [Fact]
    public async Task Operation_ThatFails_SaysWhetherTheStoreIsAway()
    {
        await FluentActions.Awaiting(() => MemoryMetrics.MeasureAsync<int>("test_store", "get", static () => throw new MemoryUnavailableException("away")).AsTask()).Should().ThrowAsync<MemoryUnavailableException>();
        await FluentActions.Awaiting(() => MemoryMetrics.MeasureAsync<int>("test_store", "get", static () => throw new InvalidOperationException("a fault of ours")).AsTask()).Should().ThrowAsync<InvalidOperationException>();
        await FluentActions.Awaiting(() => MemoryMetrics.MeasureAsync<int>("test_store", "get", static () => throw new OperationCanceledException()).AsTask()).Should().ThrowAsync<OperationCanceledException>();
        _seen.Where(static s => s.Tags.Contains("test_store")).Select(static s => s.Tags).Should().BeEquivalentTo("op=get,store=test_store,outcome=unavailable", "op=get,store=test_store,outcome=error");
    }

    [Fact]
    public async Task Recall_OfSearchesRepeatedExactly_IsTheMeanOfTheirShares()
    {
        RecallCanary canary = new("recall_store");
        canary.IsDue().Should().BeTrue("the first search is one to repeat");
        canary.IsDue().Should().BeFalse("the next one to repeat is many searches away");
        await canary.RepeatAsync([1, 2, 3, 4], static () => [1, 2, 3, 9]);
        await canary.RepeatAsync([1, 2], static () => [1, 2]);
        await canary.RepeatAsync([1], static () => []);
        await canary.RepeatAsync([1], static () => throw new ObjectDisposedException("index"));
        Read("memory.search.recall", "store=recall_store").Should().Equal(0.875);
        for (int i = 0; i < RecallCanary.Every - 2; i++)
        {
            canary.IsDue().Should().BeFalse();
        }

        canary.IsDue().Should().BeTrue();
        canary.IsDue().Should().BeFalse("one runs at a time");
    }

    [Fact]
    public async Task Search_OfManyVectors_IsWatched()
    {
        using VectorShelf shelf = new(4, null, new RecallCanary("watched_store"));
        shelf.Set(1, [1, 0, 0, 0]);
        shelf.Set(2, [0, 1, 0, 0]);
        shelf.Search([1, 0.1f, 0, 0], 2, null).Should().HaveCount(2);
        await shelf.WatchedAsync();
        Read("memory.search.recall", "store=watched_store").Should().Equal(1);
    }

    [Fact]
    public async Task Backlog_IsWhatUpkeepLeftWithoutAVectorOfTheModel()
    {
        Fixture f = new(generator: new NamedSpace("old", 16));
        await f.StoreAsync("a note", "x");
        await f.StoreAsync("another note", "y");
        Fixture away = new(generator: new NamedSpace("new", 16) { OnCall = static () => throw new InvalidOperationException("the model is away") }, store: f.Store);
        (await new MemoryUpkeep(away.Memory, new MemoryUpkeepOptions(), null, f.Clock).RunAsync()).Failed.Should().Be(1);
        MemoryMetrics.LeftToEmbed(2);
        Read("memory.embedding.backlog", "").Should().Contain(2);
        Fixture back = new(generator: new NamedSpace("new", 16), store: f.Store);
        (await new MemoryUpkeep(back.Memory, new MemoryUpkeepOptions(), null, f.Clock).RunAsync()).Reembedded.Should().Be(2);
        Read("memory.embedding.backlog", "").Should().Contain(0);
    }

    [Fact]
    public async Task Changes_UnderWay_ArePendingUntilTheyEnd()
    {
        TaskCompletionSource<int> commit = new();
        ValueTask<int> writing = MemoryMetrics.MeasureAsync("pending_store", "upsert", () => new ValueTask<int>(commit.Task));
        ValueTask<int> erasing = MemoryMetrics.MeasureAsync("pending_store", "erase", () => new ValueTask<int>(commit.Task));
        ValueTask<int> reading = MemoryMetrics.MeasureAsync("pending_store", "get", () => new ValueTask<int>(commit.Task));
        (Pending("memory.write.pending"), Pending("memory.erasure.pending")).Should().Be((1, 1));
        commit.SetException(new InvalidOperationException("the disk is full"));
        foreach (ValueTask<int> operation in new[] { writing, erasing, reading })
        {
            await FluentActions.Awaiting(() => operation.AsTask()).Should().ThrowAsync<InvalidOperationException>();
        }

        (Pending("memory.write.pending"), Pending("memory.erasure.pending")).Should().Be((0, 0));

        double Pending(string name) => _seen.Where(s => s.Name == name && s.Tags == "store=pending_store").Sum(static s => s.Value);
    }

    [Fact]
    public async Task Items_AreThoseOfTheHostsTenantsAndOfTheSuite()
    {
        Fixture f = new();
        await f.StoreAsync("a note", "x");
        await f.StoreAsync("another note", "y");
        await f.Store.ExecuteAsync(new MemoryTransaction(Fixture.Scope, [new MemoryPatch("y") { Archived = true }]));
        await f.Store.ExecuteAsync(new MemoryTransaction(new MemoryScope(MemoryScope.ReservedTenantPrefix + "test"), [new MemoryUpsert(new MemoryRecord { Id = "state", Text = "kept" })]));
        await new MemoryUpkeep(f.Memory, new MemoryUpkeepOptions(), null, f.Clock).RunAsync();
        Read("memory.items", "tenant_class=tenant").Should().Equal(2);
        Read("memory.items", "tenant_class=system").Should().Equal(1);
    }

    [Fact]
    public void Files_OfOpenStores_AreAddedUpByKind()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "1234567");
        using (StoreFiles one = new("file_store", static () => 100, () => StoreFiles.Length(file)))
        using (StoreFiles two = new("file_store", static () => 11, static () => StoreFiles.Length("/no/such/file")))
        {
            Read("memory.index.size_bytes", "store=file_store").Should().Equal(111);
            Read("memory.wal.size_bytes", "store=file_store").Should().Equal(7);
        }

        Read("memory.index.size_bytes", "store=file_store").Should().BeEmpty();
        File.Delete(file);
    }

    [Fact]
    public void Backup_ThatIsComplete_IsToldInSecondsSince1970()
    {
        MemoryMetrics.BackedUp(DateTimeOffset.UnixEpoch.AddSeconds(1_000_000.5));
        Read("memory.backup.last_success", "").Should().Contain(1_000_000.5);
    }

    [Fact]
    public void Instruments_HaveUnitsAndDescriptions()
    {
        List<Instrument> all = [];
        using MeterListener listener = new() { InstrumentPublished = (i, _) => { if (i.Meter.Name == "Providers.Memory") { lock (all) { all.Add(i); } } } };
        _ = new RecallCanary("named").IsDue();
        listener.Start();
        all.Select(static i => (i.Name, i.Unit)).Distinct().Should().BeEquivalentTo([
            ("memory.operations.duration", "s"), ("memory.embedding.backlog", "{memory}"), ("memory.backup.last_success", "s"), ("memory.search.recall", (string?)null),
            ("memory.write.pending", "{operation}"), ("memory.erasure.pending", "{operation}"), ("memory.items", "{memory}"), ("memory.index.size_bytes", "By"), ("memory.wal.size_bytes", "By")]);
        all.Should().OnlyContain(static i => !string.IsNullOrEmpty(i.Description));
        all.OfType<Histogram<double>>().First().Advice!.HistogramBucketBoundaries.Should().BeInAscendingOrder().And.Contain(0.005);
    }

    private IEnumerable<string> Of(string name) => _seen.Where(s => s.Name == name && s.Tags.Contains("store=in_memory")).Select(static s => s.Tags.Replace("op=", "").Replace(",store=in_memory,outcome=", " "));

    private double[] Read(string name, string tags)
    {
        _seen.Clear();
        _listener.RecordObservableInstruments();
        return [.. _seen.Where(s => s.Name == name && s.Tags == tags).Select(static s => s.Value)];
    }

    private void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        List<string> parts = [];
        foreach ((string key, object? tag) in tags)
        {
            parts.Add($"{key}={tag}");
        }

        _seen.Enqueue((instrument.Name, value, string.Join(',', parts)));
    }
}
