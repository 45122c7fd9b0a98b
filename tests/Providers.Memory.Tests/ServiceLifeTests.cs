using Microsoft.Extensions.AI;

namespace Providers.Memory.Tests;

/// <summary>What the service adds over a memory's life: history, sessions, another model, quotas, trust, keys.</summary>
public sealed class ServiceLifeTests
{
    private static readonly MemoryScope Scope = Fixture.Scope;

    [Fact]
    public async Task Restore_OfAKeptVersion_IsTheNextOne()
    {
        Fixture f = new(static o => o.KeepHistory = true);
        await f.StoreAsync("the first wording", "x");
        await f.Memory.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("x") { Text = "the second wording", Tags = ["t"] }]));
        (await f.Memory.RestoreAsync(Scope, "x", 1)).Should().Be(new MemoryReceipt("x", 3, false));
        MemoryRecord now = (await f.Store.GetAsync(Scope, "x"))!;
        (now.Text, now.Tags.Count, now.VectorSpace).Should().Be(("the first wording", 0, LexicalEmbeddingGenerator.ModelId));
        (await f.Store.GetHistoryAsync(Scope, "x")).Select(static r => r.Version).Should().Equal(2, 1);
        (await FluentActions.Awaiting(() => f.Memory.RestoreAsync(Scope, "x", 9).AsTask()).Should().ThrowAsync<MemoryValidationException>()).WithMessage("*version: 9*kept are 2, 1*");
        await FluentActions.Awaiting(() => f.Memory.RestoreAsync(Scope, "x", 1, 7).AsTask()).Should().ThrowAsync<MemoryConflictException>();
        await FluentActions.Awaiting(() => f.Memory.RestoreAsync(Scope, "none", 1).AsTask()).Should().ThrowAsync<MemoryConflictException>();
        await f.StoreAsync("never changed", "y");
        (await FluentActions.Awaiting(() => f.Memory.RestoreAsync(Scope, "y", 1).AsTask()).Should().ThrowAsync<MemoryValidationException>()).WithMessage("*none was*");
    }

    [Fact]
    public async Task Session_Memories_AreFoundBesideTheLongTermOnesAndLiveShort()
    {
        Fixture f = new(static o => o.SessionLife = TimeSpan.FromHours(2));
        MemoryScope session = Scope.Session("s1");
        await f.StoreAsync("the ferry leaves at nine", "long");
        await f.Memory.StoreAsync(session, new MemoryRecord { Id = "short", Text = "we spoke of the ferry" });
        await f.Memory.StoreAsync(session, new MemoryRecord { Id = "own", Text = "the ferry again", Expires = f.Clock.GetUtcNow().AddDays(9) });
        (await f.FindAsync("ferry", session)).Should().BeEquivalentTo("long", "short", "own");
        (await f.FindAsync("ferry")).Should().Equal("long");
        (await f.FindAsync("ferry", Scope.Session("s2"))).Should().Equal("long");
        f.Clock.Advance(TimeSpan.FromHours(2));
        (await f.FindAsync("ferry", session)).Should().BeEquivalentTo("long", "own");
    }

    [Fact]
    public async Task Reembed_AfterTheModelChanged_FindsAllMeanwhileAndGoesOnWhereItStopped()
    {
        NamedSpace old = new("old", 256);
        Fixture f = new(generator: old);
        for (int i = 0; i < 300; i++)
        {
            await f.StoreAsync($"note number{i} alpha{i % 7}", $"n{i:000}");
        }

        await f.Store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("n299") { Archived = true }]));
        using CancellationTokenSource stop = new();
        int calls = 0;
        NamedSpace fresh = new("new", 300) { OnCall = () => { if (++calls == 3) { stop.Cancel(); } } };
        Fixture g = new(generator: fresh, parts: new MemoryParts { Previous = old }, store: f.Store);
        (await g.FindAsync("number42"))[0].Should().Be("n042", "the old space is asked too");
        (await g.Memory.SearchAsync(Scope, new MemoryQuery { Text = "number42", Mode = MemorySearchMode.Semantic }))[0].Record.Id.Should().Be("n042");
        calls = 1;
        await FluentActions.Awaiting(() => g.Memory.ReembedAsync(Scope, null, stop.Token)).Should().ThrowAsync<OperationCanceledException>();
        IReadOnlyDictionary<string, long> spaces = (await f.Store.GetStatsAsync(Scope)).BySpace;
        (spaces["old"] > 0 && spaces["new"] > 0).Should().BeTrue("it was stopped half-way: {0}", string.Join(' ', spaces));
        foreach (string id in (string[])["n042", "n250"])
        {
            (await g.Memory.SearchAsync(Scope, new MemoryQuery { Text = $"number{int.Parse(id[1..])}", Mode = MemorySearchMode.Semantic }))[0].Record.Id.Should().Be(id);
        }

        Reports reports = new();
        long rest = await g.Memory.ReembedAsync(Scope, reports);
        (rest + spaces["new"]).Should().Be(300, "the archived one too");
        reports.Last.Should().Be(rest);
        (await f.Store.GetStatsAsync(Scope)).BySpace.Should().BeEquivalentTo(new Dictionary<string, long> { ["new"] = 299 });
        (await f.Store.GetAsync(Scope, "n007"))!.Version.Should().Be(1, "it says what it said");
        (await g.Memory.ReembedAsync(Scope)).Should().Be(0);
        int asked = old.Texts;
        (await g.FindAsync("number42"))[0].Should().Be("n042");
        await g.FindAsync("number43");
        old.Texts.Should().Be(asked, "nothing is left in the old space");
    }

    [Fact]
    public async Task Search_WhoseWordsAreNothingToTheModelBefore_FindsByThePresentOne()
    {
        NamedSpace old = new("old", 64);
        Fixture f = new(generator: old);
        await f.StoreAsync("the ferry leaves at nine", "x");
        Fixture g = new(generator: new LexicalEmbeddingGenerator(), parts: new MemoryParts { Previous = old }, store: f.Store);
        (await g.FindAsync("ferry")).Should().Equal("x");
        await g.Memory.Invoking(static m => m.SearchAsync(Scope, new MemoryQuery { Text = "?!" }).AsTask()).Should().NotThrowAsync("a vector of zeros is asked of nobody");
    }

    [Fact]
    public async Task Reembed_OfWhatChangesMeanwhile_LeavesTheChange()
    {
        Fixture f = new(generator: new NamedSpace("old", 64));
        await f.StoreAsync("before", "x");
        await f.StoreAsync("gone soon", "y");
        await f.StoreAsync("stays", "z");
        Fixture g = null!;
        int calls = 0;
        NamedSpace fresh = new("new", 64)
        {
            OnCall = () =>
            {
                if (++calls == 2)
                {
                    f.Store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("x") { Text = "after" }, new MemoryDelete("y")])).AsTask().Wait();
                }
            },
        };
        g = new(generator: fresh, store: f.Store);
        (await g.Memory.ReembedAsync(Scope)).Should().Be(1);
        (await f.Store.GetAsync(Scope, "x"))!.Should().Match<MemoryRecord>(static r => r.Text == "after" && r.VectorSpace == null);
        (await g.Memory.ReembedAsync(Scope)).Should().Be(1);
    }

    [Fact]
    public async Task Quota_OfASource_StopsAFloodAndNobodyElse()
    {
        Fixture f = new(static o => (o.SourceQuota, o.SourceWindow) = (100, TimeSpan.FromMinutes(10)));
        for (int i = 0; i < 100; i++)
        {
            await f.StoreAsync($"poison number {i}", source: "mallory");
        }

        MemoryQuotaException e = (await FluentActions.Awaiting(() => f.StoreAsync("poison", source: "mallory")).Should().ThrowAsync<MemoryQuotaException>()).Which;
        (e.WrittenBy, e.Limit, e.RetryAfter > TimeSpan.Zero && e.RetryAfter <= TimeSpan.FromMinutes(10)).Should().Be(("mallory", 100, true));
        await FluentActions.Awaiting(() => f.Memory.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Text = "a", Provenance = new MemoryProvenance { Source = "mallory" } })])).AsTask()).Should().ThrowAsync<MemoryQuotaException>();
        await f.StoreAsync("of someone else", source: "alice");
        await f.StoreAsync("of nobody");
        await f.Memory.StoreAsync(new MemoryScope("other"), new MemoryRecord { Text = "another tenant", Provenance = new MemoryProvenance { Source = "mallory" } });
        (await f.Store.GetStatsAsync(Scope)).Count.Should().Be(102);
        f.Clock.Advance(TimeSpan.FromMinutes(20));
        await f.StoreAsync("later", source: "mallory");
        for (int i = 0; i < 10_050; i++)
        {
            try
            {
                await f.Memory.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Text = "", Provenance = new MemoryProvenance { Source = $"name{i}" } })]));
            }
            catch (MemoryValidationException)
            {
            }
        }

        await f.StoreAsync("room for names is bounded", source: "bob");
    }

    [Fact]
    public async Task Quota_OfTheWindowBefore_CountsLessTheLongerAgoItIs()
    {
        Fixture f = new(static o => (o.SourceQuota, o.SourceWindow) = (100, TimeSpan.FromMinutes(10))); // its clock stands at the beginning of a window
        async Task WriteAsync(int count) => await f.Memory.ExecuteAsync(
            new MemoryTransaction(Scope, [.. Enumerable.Range(0, count).Select(static i => new MemoryUpsert(new MemoryRecord { Text = $"t{i}", Provenance = new MemoryProvenance { Source = "mallory" } }))]));
        await WriteAsync(100);
        f.Clock.Advance(TimeSpan.FromMinutes(12.5)); // a quarter of the next window: three quarters of the first count
        MemoryQuotaException e = (await FluentActions.Awaiting(() => WriteAsync(26)).Should().ThrowAsync<MemoryQuotaException>()).Which;
        e.RetryAfter.Should().Be(TimeSpan.FromMinutes(7.5), "then the next window begins");
        await WriteAsync(25);
        await FluentActions.Awaiting(() => WriteAsync(1)).Should().ThrowAsync<MemoryQuotaException>("what was refused counts nothing, what was written does");
        f.Clock.Advance(TimeSpan.FromMinutes(7.5)); // the third: only the 25 are in the one before
        await WriteAsync(75);
        await FluentActions.Awaiting(() => WriteAsync(1)).Should().ThrowAsync<MemoryQuotaException>();
    }

    [Fact]
    public async Task Quota_OfAFloodThatChangesItsName_IsHeldForTheOneThatWroteMost()
    {
        Fixture f = new(static o => (o.SourceQuota, o.SourceWindow) = (3, TimeSpan.FromMinutes(10)));
        async Task WriteAsync(string source) => await f.StoreAsync("t", source: source);
        for (int i = 0; i < 3; i++)
        {
            await WriteAsync("mallory");
        }

        for (int i = 0; i < 10_001; i += 500)
        {
            await f.Memory.ExecuteAsync(new MemoryTransaction(Scope, [.. Enumerable.Range(i, 500).Select(static n => new MemoryUpsert(new MemoryRecord { Text = "t", Provenance = new MemoryProvenance { Source = $"name{n}" } }))]));
        }

        await FluentActions.Awaiting(() => WriteAsync("mallory")).Should().ThrowAsync<MemoryQuotaException>("room for names is bounded, but it is not the busiest that is forgotten");
    }

    [Fact]
    public async Task Search_BelowTheLeastTrust_DoesNotShowIt()
    {
        Fixture f = new(static o => o.MinTrust = 0.3);
        await f.StoreAsync("the door code is 1234", "doubtful", "web", 0.1);
        await f.StoreAsync("the door code is 9876", "trusted", "user", 0.9);
        await f.StoreAsync("the door is green", "unknown");
        (await f.FindAsync("door code")).Should().Equal("trusted", "unknown");
    }

    [Fact]
    public async Task Key_UsedAgain_IsReplayedThoughTheModelAnswersDifferently()
    {
        Random random = new(5);
        Fixture f = new(generator: new Jittering(random));
        MemoryTransaction transaction = new(Scope, [new MemoryUpsert(new MemoryRecord { Text = "once" })]) { IdempotencyKey = "k" };
        MemoryTransactionResult first = await f.Memory.ExecuteAsync(transaction);
        MemoryTransactionResult second = await f.Memory.ExecuteAsync(transaction);
        (first.Replayed, second.Replayed, second.Outcomes[0].Id).Should().Be((false, true, first.Outcomes[0].Id));
        await FluentActions.Awaiting(() => f.Memory.ExecuteAsync(transaction with { Operations = [new MemoryUpsert(new MemoryRecord { Text = "other" })] }).AsTask()).Should().ThrowAsync<MemoryValidationException>();
    }

    private sealed class Reports : IProgress<long>
    {
        public long Last { get; private set; }

        public void Report(long value) => Last = value;
    }

    private sealed class Jittering(Random random) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(_ => new Embedding<float>(new[] { 1f, random.NextSingle() }) { ModelId = "jitter" })));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
