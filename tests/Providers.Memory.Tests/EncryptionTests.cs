using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Providers.Memory.Tests;

/// <summary>Encryption over a store that sees no plaintext.</summary>
public sealed class EncryptionTests : IDisposable
{
    private const string Canary = "xylophonequarantine";
    private static readonly MemoryScope Scope = Fixture.Scope;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryStore _inner;
    private readonly Dictionary<string, byte[]> _keys = new() { ["k1"] = RandomNumberGenerator.GetBytes(32) };
    private readonly EncryptedMemoryStore _store;

    public EncryptionTests()
    {
        _inner = new InMemoryStore(Options.Create(EncryptedMemoryStore.Widen(new MemoryLimits())), _clock);
        _store = Open();
    }

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Record_ComesBackAsItWas_AndTheInnerStoreSawNothing()
    {
        MemoryRecord record = new()
        {
            Id = "x",
            Text = $"the {Canary} of the house",
            Tags = ["t"],
            Metadata = Json($"{{\"k\":\"{Canary}\"}}"),
            Vector = new float[] { 1, 0 },
            VectorSpace = "s",
            Provenance = new MemoryProvenance { Source = "user", Actor = Canary, Evidence = [Canary + "/1"], Trust = 0.7 },
        };
        await WriteAsync(new MemoryUpsert(record));
        MemoryRecord read = (await _store.GetAsync(Scope, "x"))!;
        (read.Text, read.Metadata!.Value.GetRawText(), read.Provenance!.Actor, read.Provenance.Evidence[0], read.Provenance.Trust, read.Tags[0]).Should().Be((record.Text, $"{{\"k\":\"{Canary}\"}}", Canary, Canary + "/1", 0.7, "t"));
        MemoryRecord inner = (await _inner.GetAsync(Scope, "x"))!;
        JsonSerializer.Serialize(inner with { Vector = null }).Should().NotContain(Canary);
        (await _store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Keyword, Text = Canary.ToUpperInvariant() })).Should().ContainSingle().Which.Record.Text.Should().Be(record.Text);
        (await _store.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Vector = new float[] { 1, 0 }, VectorSpace = "s" })).Should().ContainSingle();
        (await _store.ListAsync(Scope)).Records[0].Text.Should().Be(record.Text);
        List<string> all = [];
        await foreach (MemoryRecord one in _store.ReadAllAsync(Scope))
        {
            all.Add(one.Text);
        }

        all.Should().Equal(record.Text);
    }

    [Fact]
    public async Task Patch_OfPartsThatAreSealed_KeepsTheOthers()
    {
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "x", Text = "first words", Metadata = Json("{\"a\":1}"), Vector = new float[] { 1 }, VectorSpace = "s" }));
        await _store.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("x") { Metadata = Json("{\"b\":2}") }]) { KeepHistory = true });
        MemoryRecord read = (await _store.GetAsync(Scope, "x"))!;
        (read.Text, read.Metadata!.Value.GetRawText(), read.Version, read.VectorSpace).Should().Be(("first words", "{\"b\":2}", 2L, "s"));
        await WriteAsync(new MemoryPatch("x") { Text = "second words", Importance = 0.9 });
        read = (await _store.GetAsync(Scope, "x"))!;
        (read.Text, read.Metadata!.Value.GetRawText(), read.VectorSpace, read.Importance).Should().Be(("second words", "{\"b\":2}", null, 0.9));
        await WriteAsync(new MemoryPatch("x") { Metadata = Json("null"), Tags = ["t"] });
        (await _store.GetAsync(Scope, "x"))!.Metadata.Should().BeNull();
        (await _store.GetHistoryAsync(Scope, "x")).Should().ContainSingle().Which.Metadata!.Value.GetRawText().Should().Be("{\"a\":1}");
        await FluentActions.Awaiting(() => WriteAsync(new MemoryPatch("none") { Text = "a" })).Should().ThrowAsync<MemoryConflictException>();
        await FluentActions.Awaiting(() => WriteAsync(new MemoryPatch("x") { Text = "a", ExpectedVersion = 1 })).Should().ThrowAsync<MemoryConflictException>();
    }

    [Fact]
    public async Task Patches_RacedWithoutAVersion_AllHappen()
    {
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "x", Text = "t" }));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => WriteAsync(new MemoryPatch("x") { Text = $"t{i}" }))));
        (await _store.GetAsync(Scope, "x"))!.Version.Should().Be(9);
    }

    [Theory]
    [InlineData(null, "created while the patch was sealed")]
    [InlineData(2L, "at the version expected by then only")]
    public async Task Patch_OfAMemoryThatAppearsMeanwhile_IsMadeOnIt(long? expected, string because)
    {
        int calls = 0;
        using EncryptedMemoryStore late = new(
            InterposedStore.Around(_inner, name =>
            {
                if (name == nameof(IMemoryStore.ExecuteAsync) && calls++ == 0)
                {
                    WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "x", Text = "theirs", Importance = 0.9 })).GetAwaiter().GetResult();
                }
            }),
            new LocalKeyProvider(_keys, "k1"), null, null, _clock);
        if (expected is not null)
        {
            await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "x", Text = "the first" }));
        }

        await _store.GetAsync(Scope, "x");
        await late.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("x") { Text = "ours", ExpectedVersion = expected }]));
        MemoryRecord read = (await _store.GetAsync(Scope, "x"))!;
        (read.Text, read.Importance).Should().Be(("ours", 0.9), because);
    }

    [Fact]
    public async Task Patch_OfWhatIsNotThere_IsRefusedInTheCallersTerms()
    {
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "x", Text = "t" }));
        MemoryConflictException missing = (await FluentActions.Awaiting(() => WriteAsync(new MemoryPatch("none") { Text = "a" })).Should().ThrowAsync<MemoryConflictException>()).Which;
        (missing.Expected, missing.Current).Should().Be((null, null));
        missing.Message.Should().Be("Operation 0: memory 'none' does not exist.");
        MemoryConflictException other = (await FluentActions.Awaiting(() => WriteAsync(new MemoryPatch("x") { Text = "a", ExpectedVersion = 7 })).Should().ThrowAsync<MemoryConflictException>()).Which;
        (other.Expected, other.Current).Should().Be((7L, 1L));
    }

    [Fact]
    public async Task Keys_DestroyedWhileTheyAreRead_AreNotUsedForWhatIsWrittenLater()
    {
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "x", Text = "before" }));
        EncryptedMemoryStore racing = null!;
        int unwrapped = 0;
        racing = new EncryptedMemoryStore(_inner, new Unwrapping(new LocalKeyProvider(_keys, "k1"), () => unwrapped++ == 0 ? racing.DestroyKeysAsync("acme").AsTask() : Task.CompletedTask), null, null, _clock);
        await racing.GetAsync(Scope, "x");
        await racing.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "y", Text = "after" })]));
        (await Open().GetAsync(Scope, "y"))!.Text.Should().Be("after", "its key is kept in the store");
    }

    [Fact]
    public async Task Key_UsedAgain_IsReplayedThoughTheCiphertextDiffers()
    {
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "p", Text = "t" }));
        MemoryTransaction transaction = new(Scope, [new MemoryUpsert(new MemoryRecord { Text = "once" }), new MemoryPatch("p") { Text = "patched" }]) { IdempotencyKey = "k" };
        MemoryTransactionResult first = await _store.ExecuteAsync(transaction);
        MemoryTransactionResult second = await _store.ExecuteAsync(transaction);
        second.Replayed.Should().BeTrue();
        second.Outcomes.Should().Equal(first.Outcomes);
    }

    [Fact]
    public async Task Rows_Swapped_AreFound()
    {
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "a", Text = "salary of a" }), new MemoryUpsert(new MemoryRecord { Id = "b", Text = "salary of b" }));
        MemoryRecord a = (await _inner.GetAsync(Scope, "a"))!;
        await _inner.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(a with { Id = "b" })]));
        await FluentActions.Awaiting(() => _store.GetAsync(Scope, "b").AsTask()).Should().ThrowAsync<CryptographicException>();
        string body = a.Metadata!.Value.GetProperty("$sealed").GetString()!;
        foreach (string altered in (string[])[body[..^8] + "AAAAAAA=", "2" + body[1..], body.Split('.')[0] + ".ffff." + body.Split('.')[2], "1." + body.Split('.')[1] + ".AAAA"])
        {
            await _inner.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("a") { Metadata = Json($"{{\"$sealed\":\"{altered}\"}}") }]));
            await FluentActions.Awaiting(() => _store.GetAsync(Scope, "a").AsTask()).Should().ThrowAsync<CryptographicException>();
        }
    }

    [Fact]
    public async Task Rotation_KeepsTheOldReadable_AndRewrappingNeedsNoOldKey()
    {
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "old", Text = "under the first key" }));
        await _store.RotateAsync("acme");
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "new", Text = "under the second key" }));
        string KeyOf(string id) => _inner.GetAsync(Scope, id).AsTask().Result!.Metadata!.Value.GetProperty("$sealed").GetString()!.Split('.')[1];
        KeyOf("old").Should().NotBe(KeyOf("new"));
        _keys["k2"] = RandomNumberGenerator.GetBytes(32);
        (await Open("k2").RewrapAsync("acme")).Should().Be(3, "two keys and that of the words");
        _keys.Remove("k1");
        EncryptedMemoryStore other = Open("k2");
        (await other.GetAsync(Scope, "old"))!.Text.Should().Be("under the first key");
        (await other.SearchAsync(Scope, new MemoryQuery { Text = "second" })).Should().ContainSingle();
        await other.RotateAsync("acme");
        await other.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "third", Text = "by another host" })]));
        (await _store.GetAsync(Scope, "old"))!.Text.Should().Be("under the first key", "it is known here still");
    }

    [Fact]
    public async Task Keys_Destroyed_LeaveNothingReadable()
    {
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "x", Text = "gone for good" }));
        await _store.ExecuteAsync(new MemoryTransaction(new MemoryScope("other"), [new MemoryUpsert(new MemoryRecord { Id = "x", Text = "theirs" })]));
        await _store.DestroyKeysAsync("acme");
        await FluentActions.Awaiting(() => _store.GetAsync(Scope, "x").AsTask()).Should().ThrowAsync<CryptographicException>();
        (await _store.GetAsync(new MemoryScope("other"), "x"))!.Text.Should().Be("theirs");
        (await _store.EraseAsync(Scope)).Should().Be(1);
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "x", Text = "a new life" }));
        (await _store.GetAsync(Scope, "x"))!.Text.Should().Be("a new life");
    }

    [Fact]
    public async Task Options_ThatLeaveNothingSearchable_FindNothing()
    {
        EncryptedMemoryStore closed = new(_inner, new LocalKeyProvider(_keys, "k1"), new MemoryEncryptionOptions { BlindWords = false, Vectors = false }, null, _clock);
        await closed.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Id = "x", Text = "word", Vector = new float[] { 1 }, VectorSpace = "s" })]));
        (await _inner.GetAsync(Scope, "x"))!.Should().Match<MemoryRecord>(static r => r.Vector == null && r.Text == "x");
        (await closed.SearchAsync(Scope, new MemoryQuery { Text = "word" })).Should().BeEmpty();
        await closed.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("x") { Text = "other", Vector = new float[] { 1 }, VectorSpace = "s" }]));
        (await closed.GetAsync(Scope, "x"))!.Should().Match<MemoryRecord>(static r => r.Text == "other" && r.Vector == null);
        await FluentActions.Awaiting(() => closed.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryEmbed("x", new float[] { 1 }, "s")])).AsTask()).Should().ThrowAsync<MemoryValidationException>();
    }

    [Fact]
    public async Task Namespace_OfTheKeys_IsNobodysElse()
    {
        MemoryScope keys = new("acme", "providers.keys");
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "x", Text = "t" }));
        await RefusedAsync(() => _store.GetAsync(keys, "index").AsTask());
        await RefusedAsync(() => _store.GetHistoryAsync(keys, "index").AsTask());
        await RefusedAsync(() => _store.GetRelatedAsync(keys, "index").AsTask());
        await RefusedAsync(() => _store.GetStatsAsync(keys).AsTask());
        await RefusedAsync(() => _store.ListTagsAsync(keys).AsTask());
        await RefusedAsync(() => _store.ListAsync(keys).AsTask());
        await RefusedAsync(() => _store.SearchAsync(keys, new MemoryQuery { Text = "t" }).AsTask());
        await RefusedAsync(() => _store.ReadAllAsync(keys).ToListAsync().AsTask());
        await RefusedAsync(() => _store.EraseAsync(keys).AsTask());
        await RefusedAsync(() => _store.DeleteAsync(keys, new MemoryFilter { Ids = ["index"] }).AsTask());
        await RefusedAsync(() => _store.ExecuteAsync(new MemoryTransaction(keys, [new MemoryDelete("index")])).AsTask());
        await RefusedAsync(() => _store.SearchAsync(Scope, new MemoryQuery { Text = "t", Filter = new MemoryFilter { Metadata = new Dictionary<string, JsonElement> { ["k"] = Json("1") } } }).AsTask());
        List<MemoryScope> scopes = [];
        await foreach (MemoryScope scope in _store.ListScopesAsync("acme"))
        {
            scopes.Add(scope);
        }

        scopes.Should().Equal(Scope);
        (await _store.GetStatsAsync(Scope)).Count.Should().Be(1);
        (await _store.GetRelatedAsync(Scope, "x")).Should().BeEmpty();
        (await _store.ListTagsAsync(Scope)).Should().BeEmpty();
        (await _store.PurgeExpiredAsync()).Should().Be(0);
        await _store.CheckAsync();
        (await _store.DeleteAsync(Scope, new MemoryFilter { Ids = ["x"] })).Should().Be(1);
    }

    [Fact]
    public async Task Largest_RecordThatIsAllowed_FitsEncrypted()
    {
        string text = string.Concat(Enumerable.Range(0, 32_767).Select(static i => (char)('a' + (i % 26)) + " "));
        string controls = string.Concat(Enumerable.Repeat("\u0001", 60_000)) + "a";
        await WriteAsync(new MemoryUpsert(new MemoryRecord { Id = "words", Text = text }), new MemoryUpsert(new MemoryRecord { Id = "controls", Text = controls, Metadata = Json($"{{\"k\":\"{new string('\"', 0)}{new string('v', 16_000)}\"}}") }));
        (await _store.GetAsync(Scope, "words"))!.Text.Should().Be(text);
        (await _store.GetAsync(Scope, "controls"))!.Text.Should().Be(controls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k1")]
    [InlineData("k1:AAAA")]
    [InlineData(":AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void Keys_ThatAreNone_AreRefusedWithoutBeingShown(string text) =>
        FluentActions.Invoking(() => LocalKeyProvider.Parse(text)).Should().Throw<FormatException>().Which.Message.Should().NotContain("AAAA");

    [Fact]
    public async Task AddMemoryEncryption_OverAStore_EncryptsWhatTheServiceWrites()
    {
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await using ServiceProvider services = new ServiceCollection().AddMemory().AddMemoryEncryption(_ => LocalKeyProvider.Parse($"a:{key}\nb:{key}")).BuildServiceProvider();
        IMemoryService memory = services.GetRequiredService<IMemoryService>();
        await memory.StoreAsync(Scope, new MemoryRecord { Id = "x", Text = "the " + Canary });
        (await memory.SearchAsync(Scope, new MemoryQuery { Text = Canary })).Should().ContainSingle().Which.Record.Text.Should().Be("the " + Canary);
        memory.Store.Should().BeOfType<EncryptedMemoryStore>().And.BeSameAs(services.GetRequiredService<EncryptedMemoryStore>());
        FluentActions.Invoking(() => new LocalKeyProvider(new Dictionary<string, byte[]> { ["a"] = new byte[16] }, "a")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new LocalKeyProvider(new Dictionary<string, byte[]> { ["a"] = new byte[32] }, "b")).Should().Throw<ArgumentException>();
        await FluentActions.Awaiting(() => LocalKeyProvider.Parse("a:" + key).UnwrapAsync(new WrappedKey("zz", default)).AsTask()).Should().ThrowAsync<CryptographicException>();
    }

    private sealed class Unwrapping(IMemoryKeyProvider inner, Func<Task> before) : IMemoryKeyProvider
    {
        public ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default) => inner.WrapAsync(key, cancellationToken);

        public async ValueTask<byte[]> UnwrapAsync(WrappedKey wrapped, CancellationToken cancellationToken = default)
        {
            await before();
            return await inner.UnwrapAsync(wrapped, cancellationToken);
        }
    }

    private EncryptedMemoryStore Open(string key = "k1") => new(_inner, new LocalKeyProvider(_keys, key), null, null, _clock);

    private Task WriteAsync(params MemoryOperation[] operations) => _store.ExecuteAsync(new MemoryTransaction(Scope, operations)).AsTask();

    private static Task RefusedAsync(Func<Task> act) => FluentActions.Awaiting(act).Should().ThrowAsync<MemoryValidationException>();

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;
}
