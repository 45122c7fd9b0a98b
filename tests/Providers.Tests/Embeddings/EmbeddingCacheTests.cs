using System.Runtime.InteropServices;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Providers.Tests.Support;

namespace Providers.Tests.Embeddings;

public sealed class EmbeddingCacheTests
{
    private readonly CueCache _distributed = new();
    private readonly FakeLogCollector _log = new();
    private readonly FakeProvider _first = Embedder("first", "space");
    private readonly FakeProvider _second = Embedder("second", "space");

    [Fact]
    public async Task Generate_TextsSeenBefore_ComeFromTheCacheAndOnlyTheOthersAreSent()
    {
        await using TestComposite composite = Create();
        GeneratedEmbeddings<Embedding<float>> before = await composite.Embeddings.GenerateAsync(["a", "b"]);
        GeneratedEmbeddings<Embedding<float>> after = await composite.Embeddings.GenerateAsync(["c", "a", "d", "b", "a"]);

        _first.Embedded.Should().BeEquivalentTo([["a", "b"], new[] { "c", "d" }], static o => o.WithStrictOrdering());
        after.Select(static e => e.Vector.ToArray()).Should().BeEquivalentTo(
            new[] { "c", "a", "d", "b", "a" }.Select(VectorOf), static o => o.WithStrictOrdering());
        before.AdditionalProperties!.ContainsKey(ResponseAnnotations.Cached).Should().BeFalse();
        after.AdditionalProperties![ResponseAnnotations.Cached].Should().Be(3);
        after.AdditionalProperties[ResponseAnnotations.Provider].Should().Be("first");
        after.Usage!.TotalTokenCount.Should().Be(2, "only what was sent was paid for");
    }

    [Fact]
    public async Task Generate_AllSeenBefore_AsksNobodyAndSaysThatNothingWasUsed()
    {
        await using TestComposite composite = Create();
        await composite.Embeddings.GenerateAsync(["a"]);
        _first.Fails(FailureKind.ConnectionLost);
        _second.Fails(FailureKind.ConnectionLost);
        GeneratedEmbeddings<Embedding<float>> again = await composite.Embeddings.GenerateAsync(["a"]);
        again[0].Vector.ToArray().Should().Equal(VectorOf("a"));
        again.Usage!.TotalTokenCount.Should().Be(0);
        again.AdditionalProperties!.Should().ContainKey(ResponseAnnotations.Cached).And.NotContainKey(ResponseAnnotations.Provider);
    }

    /// <summary>A memory that asks which space its vectors are in must not be told another one because the text was seen before, or because another provider served.</summary>
    [Fact]
    public async Task Generate_MadeOrKeptOrByAnother_IsSaidToBeInTheSameSpace()
    {
        await using TestComposite composite = Create();
        GeneratedEmbeddings<Embedding<float>> made = await composite.Embeddings.GenerateAsync(["a"]);
        GeneratedEmbeddings<Embedding<float>> kept = await composite.Embeddings.GenerateAsync(["a"]);
        _first.Fails(FailureKind.ConnectionLost);
        GeneratedEmbeddings<Embedding<float>> byAnother = await composite.Embeddings.GenerateAsync(["b"]);
        kept.AdditionalProperties!.Should().ContainKey(ResponseAnnotations.Cached);
        byAnother.AdditionalProperties![ResponseAnnotations.Provider].Should().Be("second");
        new[] { made, kept, byAnother }.Select(static e => e.GetVectorSpace()).Should().AllBe("space");
    }

    [Fact]
    public async Task Generate_UndeclaredModel_IsInItsOwnSpace_AServersDefaultInNoneThatIsKnown()
    {
        FakeProvider open = new("open") { Chats = false, Embeds = true };
        await using TestComposite composite = Create([open]);
        (await composite.Embeddings.GenerateAsync(["a"], new EmbeddingGenerationOptions { ModelId = "open/m1" })).GetVectorSpace().Should().Be("m1");
        (await composite.Embeddings.GenerateAsync(["a"])).GetVectorSpace().Should().BeNull();
    }

    [Fact]
    public async Task Generate_CallerChangesAVector_TheCacheKeepsItsOwn()
    {
        await using TestComposite composite = Create();
        foreach (int _ in Enumerable.Range(0, 3))
        {
            Embedding<float> embedding = (await composite.Embeddings.GenerateAsync(["a"]))[0];
            embedding.Vector.ToArray().Should().Equal(VectorOf("a"));
            MemoryMarshal.AsMemory(embedding.Vector).Span.Clear();
        }
    }

    [Fact]
    public async Task Generate_AnotherHost_ReadsWhatTheFirstKeptAndAnotherProviderOfTheSpaceMayUseIt()
    {
        await using (TestComposite one = Create())
        {
            await one.Embeddings.GenerateAsync(["a", "b"]);
        }

        FakeProvider third = Embedder("third", "space");
        await using TestComposite two = Create([third]);
        GeneratedEmbeddings<Embedding<float>> result = await two.Embeddings.GenerateAsync(["b", "a"]);
        third.Embedded.Should().BeEmpty();
        result.Select(static e => e.Vector.ToArray()).Should().BeEquivalentTo([VectorOf("b"), VectorOf("a")], static o => o.WithStrictOrdering());
        _distributed.Entries.Keys.Should().OnlyContain(static k => !k.EndsWith(":a") && k.Contains("providers:embedding:space:"), "a key holds no text");
    }

    [Fact]
    public async Task Generate_OtherSpaceOtherDimensionsOtherModel_ShareNothing()
    {
        FakeProvider other = Embedder("other", "another");
        FakeProvider open = new("open") { Chats = false, Embeds = true };
        await using TestComposite composite = Create([_first, other, open]);
        foreach (EmbeddingGenerationOptions? options in (EmbeddingGenerationOptions?[])
            [null, new() { ModelId = "other" }, new() { Dimensions = 4 }, new() { ModelId = "open/m1" }, new() { ModelId = "open/m2" }])
        {
            await composite.Embeddings.GenerateAsync(["a"], options);
        }

        (_first.Embedded.Count, other.Embedded.Count, open.Embedded.Count).Should().Be((2, 1, 2));
        _distributed.Entries.Should().HaveCount(5);
    }

    public static TheoryData<string, EmbeddingGenerationOptions> Unknowable => new()
    {
        { "a server's own default model", new EmbeddingGenerationOptions { ModelId = "open" } },
        { "something for the server only", new EmbeddingGenerationOptions { AdditionalProperties = new() { ["truncate"] = true } } },
        { "options of the SDK's", new EmbeddingGenerationOptions { RawRepresentationFactory = static _ => new object() } },
    };

    [Theory]
    [MemberData(nameof(Unknowable))]
    public async Task Generate_NobodyKnowsWhichVectorsComeBack_IsNotCached(string why, EmbeddingGenerationOptions options)
    {
        FakeProvider open = new("open") { Chats = false, Embeds = true };
        await using TestComposite composite = Create([_first, open]);
        await composite.Embeddings.GenerateAsync(["a"], options);
        await composite.Embeddings.GenerateAsync(["a"], options);
        (_first.Embedded.Count + open.Embedded.Count).Should().Be(2, why);
        _distributed.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task Generate_PreferencesOfTheRequest_DoNotKeepItFromTheCache()
    {
        await using TestComposite composite = Create();
        await composite.Embeddings.GenerateAsync(["a"]);
        GeneratedEmbeddings<Embedding<float>> result = await composite.Embeddings.GenerateAsync(["a"], new RequestPreferences { DisableFailover = true }.ApplyTo((EmbeddingGenerationOptions?)null));
        result.AdditionalProperties![ResponseAnnotations.Cached].Should().Be(1);
    }

    [Fact]
    public async Task Generate_CacheThrows_NoRequestFails()
    {
        _distributed.Now = CueCache.Mood.Throws;
        await using TestComposite composite = Create();
        for (int i = 0; i < 10; i++)
        {
            (await composite.Embeddings.GenerateAsync([$"text {i}"]))[0].Vector.ToArray().Should().Equal(VectorOf($"text {i}"));
        }

        _first.Embedded.Should().HaveCount(10);
    }

    [Fact]
    public async Task Generate_HybridCacheItselfThrows_NoRequestFailsAndTheLogSaysSo()
    {
        await using TestComposite composite = new([_first], static o => o.Embeddings.Cache = new EmbeddingCacheOptions(), services: s =>
        {
            s.AddSingleton<HybridCache>(new BrokenCache());
            s.AddLogging(b => b.AddProvider(new FakeLoggerProvider(_log)));
        });
        for (int i = 0; i < 3; i++)
        {
            (await composite.Embeddings.GenerateAsync(["a", "b"])).Should().HaveCount(2);
        }

        _first.Embedded.Should().HaveCount(3);
        _log.GetSnapshot().Where(static r => r.Id.Id == 121).Should().HaveCount(6, "once to read and once to write").And.OnlyContain(static r => r.Message.Contains("2 of 2 texts"));
    }

    [Fact]
    public async Task Generate_CacheHangs_CostsOneTimeoutThenTheCacheRestsAndComesBack()
    {
        _distributed.Now = CueCache.Mood.Hangs;
        await using TestComposite composite = Create();
        Task<GeneratedEmbeddings<Embedding<float>>> first = composite.Embeddings.GenerateAsync(["a"]);
        (await AfterTheCachesTimeoutAsync(composite, first))[0].Vector.ToArray().Should().Equal(VectorOf("a"));

        int asked = _distributed.Reads;
        Task<GeneratedEmbeddings<Embedding<float>>> second = composite.Embeddings.GenerateAsync(["b"]);
        second.IsCompletedSuccessfully.Should().BeTrue("a cache that rests is not waited for");
        _distributed.Reads.Should().Be(asked);
        _log.GetSnapshot().Should().ContainSingle(static r => r.Id.Id == 120).Which.Message.Should().Contain("250 ms").And.Contain("5 s");

        _distributed.Now = CueCache.Mood.Well;
        composite.Clock.Advance(TimeSpan.FromSeconds(5));
        await composite.Embeddings.GenerateAsync(["c"]);
        (await composite.Embeddings.GenerateAsync(["c"])).AdditionalProperties![ResponseAnnotations.Cached].Should().Be(1);
    }

    [Fact]
    public async Task Generate_CacheHangsWhileWriting_TheAnswerIsLateByOneTimeoutOnly()
    {
        await using TestComposite composite = Create();
        _first.Embed = texts =>
        {
            _distributed.Now = CueCache.Mood.Hangs;
            return Task.FromResult(Vectors(texts));
        };
        (await AfterTheCachesTimeoutAsync(composite, composite.Embeddings.GenerateAsync(["a"]))).Should().HaveCount(1);
    }

    [Fact]
    public async Task Generate_CallerCancelsWhileTheCacheHangs_IsTheCallersCancellation()
    {
        _distributed.Now = CueCache.Mood.Hangs;
        await using TestComposite composite = Create();
        using CancellationTokenSource source = new();
        Task<GeneratedEmbeddings<Embedding<float>>> task = composite.Embeddings.GenerateAsync(["a"], cancellationToken: source.Token);
        await source.CancelAsync();
        await FluentActions.Awaiting(() => task).Should().ThrowAsync<OperationCanceledException>();
        _first.Embedded.Should().BeEmpty();
        _log.GetSnapshot().Should().NotContain(static r => r.Id.Id == 120, "the caller's leaving says nothing of the cache");
    }

    public static TheoryData<string, byte[]> Nonsense => new()
    {
        { "nothing", [] },
        { "half a number", [1, 2, 3] },
        { "no number", MemoryMarshal.AsBytes<float>([1, float.NaN, 0, 0]).ToArray() },
        { "zeros", new byte[16] },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Generate_CacheHoldsNonsense_IsEmbeddedAnewAndMended(string what, byte[] bytes)
    {
        await using (TestComposite one = Create())
        {
            await one.Embeddings.GenerateAsync(["a"]);
        }

        (string key, byte[] good) = _distributed.Entries.Single();
        _distributed.Entries[key] = Replace(good, bytes);
        await using (TestComposite two = Create())
        {
            (await two.Embeddings.GenerateAsync(["a"]))[0].Vector.ToArray().Should().Equal(VectorOf("a"), what);
        }

        await using TestComposite three = Create();
        await three.Embeddings.GenerateAsync(["a"]);
        _first.Embedded.Should().HaveCount(2, "the second host wrote the entry anew");
    }

    [Fact]
    public async Task Generate_ManyTexts_AreKeptEachOfThem()
    {
        await using TestComposite composite = Create();
        string[] texts = [.. Enumerable.Range(0, 1_000).Select(static i => $"text {i}")];
        await composite.Embeddings.GenerateAsync(texts);
        GeneratedEmbeddings<Embedding<float>> again = await composite.Embeddings.GenerateAsync([.. texts.Reverse(), "new"]);
        again.AdditionalProperties![ResponseAnnotations.Cached].Should().Be(1_000);
        again.Select(static e => e.Vector.Span[1]).Should().Equal([.. texts.Reverse().Select(static t => VectorOf(t)[1]), VectorOf("new")[1]]);
        _first.Embedded.Sum(static b => b.Count).Should().Be(1_001);
    }

    [Fact]
    public async Task Generate_Reads_AreCountedAsHitsAndMisses()
    {
        await using TestComposite composite = Create();
        using MetricCollector<long> reads = new(composite.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "Providers", "memory.cache.requests");
        await composite.Embeddings.GenerateAsync(["a", "b"]);
        await composite.Embeddings.GenerateAsync(["a", "b", "c"]);
        Count(true).Should().Be(2);
        Count(false).Should().Be(3);

        long Count(bool hit) => reads.GetMeasurementSnapshot().Where(m => Equals(m.Tags["hit"], hit ? "true" : "false") && Equals(m.Tags["layer"], "embedding")).Sum(static m => m.Value);
    }

    [Fact]
    public void Build_CacheWithoutHybridCache_IsAnErrorThatSaysWhatToCall()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddCompositeProvider(b => b.AddProvider("first", _ => _first).Configure(static o => o.Embeddings.Cache = new EmbeddingCacheOptions { Timeout = TimeSpan.Zero }))
            .Services.BuildServiceProvider();
        FluentActions.Invoking(() => services.GetRequiredService<IChatClient>()).Should().Throw<OptionsValidationException>()
            .Which.Failures.Should().HaveCount(2).And.Contain(static f => f.Contains("Providers:Embeddings:Cache ") && f.Contains("AddHybridCache()"))
            .And.Contain(static f => f.Contains("Providers:Embeddings:Cache:Timeout"));
    }

    [Fact]
    public async Task Generate_NoCacheConfigured_LeavesTheHostsAlone()
    {
        await using TestComposite composite = Create(configure: static o => o.Embeddings.Cache = null);
        await composite.Embeddings.GenerateAsync(["a"]);
        await composite.Embeddings.GenerateAsync(["a"]);
        _first.Embedded.Should().HaveCount(2);
        _distributed.Reads.Should().Be(0);
    }

    // The cache hops between threads: the clock moves when it hangs, not before, and by its 250 ms only.
    private async Task<T> AfterTheCachesTimeoutAsync<T>(TestComposite composite, Task<T> task)
    {
        await _distributed.Hanging.WaitAsync(TimeSpan.FromMinutes(1));
        composite.Clock.Advance(TimeSpan.FromMilliseconds(249));
        task.IsCompleted.Should().BeFalse();
        composite.Clock.Advance(TimeSpan.FromMilliseconds(1));
        return await task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private TestComposite Create(IEnumerable<FakeProvider>? providers = null, Action<CompositeOptions>? configure = null) => new(
        providers ?? [_first, _second],
        o =>
        {
            o.Embeddings.Cache = new EmbeddingCacheOptions();
            configure?.Invoke(o);
        },
        services: s =>
        {
            s.AddMetrics();
            s.AddSingleton<IDistributedCache>(_distributed);
            s.AddHybridCache();
            s.AddLogging(b => b.AddProvider(new FakeLoggerProvider(_log)));
        });

    private sealed class BrokenCache : HybridCache
    {
        public override ValueTask<T> GetOrCreateAsync<TState, T>(
            string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("broken");

        public override ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
            ValueTask.FromException(new InvalidOperationException("broken"));

        public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) => default;

        public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) => default;
    }

    private static FakeProvider Embedder(string name, string space) => new(name)
    {
        Chats = false,
        Embeds = true,
        Embed = static texts => Task.FromResult(Vectors(texts)),
        Descriptor = new ProviderDescriptor(name, "Fake")
        {
            Models = [new ModelDescriptor("model") { Capabilities = ModelCapabilities.Embeddings, VectorSpace = space, EmbeddingDimensions = 4 }],
        },
    };

    private static GeneratedEmbeddings<Embedding<float>> Vectors(IReadOnlyList<string> texts) => new(texts.Select(static t => new Embedding<float>(VectorOf(t))))
    {
        Usage = new UsageDetails { TotalTokenCount = texts.Count },
    };

    private static float[] VectorOf(string text) => [1, text.Sum(static c => c) + (0.5f * text.Length), text[0], 7];

    // HybridCache puts a header before what it was given: only our own bytes at the end are replaced.
    private static byte[] Replace(byte[] entry, byte[] bytes)
    {
        int at = entry.AsSpan().IndexOf(MemoryMarshal.AsBytes<float>(VectorOf("a")));
        return bytes.Length == 16 ? [.. entry[..at], .. bytes, .. entry[(at + 16)..]] : bytes;
    }
}
