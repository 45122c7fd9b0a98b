using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Providers.Memory.Tests;

/// <summary>The service over a store: embeds in one batch, merges twins, ranks.</summary>
public sealed class MemoryServiceTests
{
    private static readonly MemoryScope Scope = new("acme");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task AddMemory_WithNothingElse_StoresAndFinds()
    {
        await using ServiceProvider services = new ServiceCollection().AddMemory().AddMemory().BuildServiceProvider();
        IMemoryService memory = services.GetRequiredService<IMemoryService>();
        MemoryReceipt receipt = await memory.StoreAsync(Scope, new MemoryRecord { Text = "The deployment runs on Tuesdays", Tags = ["ops"] });
        await memory.StoreAsync(Scope, new MemoryRecord { Text = "Lunch is at noon" });
        receipt.Should().Match<MemoryReceipt>(static r => r.Created && r.Version == 1 && r.DuplicateOf == null);
        IReadOnlyList<MemoryMatch> found = await memory.SearchAsync(Scope, new MemoryQuery { Text = "when do we deploy?" });
        found[0].Record.Id.Should().Be(receipt.Id);
        found[0].Record.VectorSpace.Should().Be(LexicalEmbeddingGenerator.ModelId);
        found[0].Factors.Keys.Should().BeEquivalentTo("relevance", "recency", "importance");
        services.GetRequiredService<IMemoryStore>().Should().BeSameAs(memory.Store);
    }

    [Fact]
    public async Task Execute_ManyTexts_AreEmbeddedInOneCall()
    {
        CountingGenerator generator = new();
        MemoryService memory = Service(generator);
        await memory.ExecuteAsync(new MemoryTransaction(Scope,
        [
            new MemoryUpsert(new MemoryRecord { Id = "a", Text = "one" }),
            new MemoryUpsert(new MemoryRecord { Id = "b", Text = "two", Vector = new float[] { 1, 2, 3 }, VectorSpace = "own" }),
            new MemoryUpsert(new MemoryRecord { Id = "c", Text = "three" }),
            new MemoryDelete("none"),
        ]));
        await memory.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryPatch("a") { Text = "four" }, new MemoryPatch("c") { Importance = 1 }]));
        generator.Calls.Select(static c => string.Join(",", c)).Should().Equal("one,three", "four");
        (await memory.Store.GetAsync(Scope, "a"))!.VectorSpace.Should().Be("counting");
        (await memory.Store.GetAsync(Scope, "b"))!.VectorSpace.Should().Be("own");
        await FluentActions.Awaiting(() => memory.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Text = "" })])).AsTask()).Should().ThrowAsync<MemoryValidationException>();
        generator.Calls.Should().HaveCount(2, "what is wrong is refused before a model is asked");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Execute_GeneratorAnswersWrongly_StoresNothing(int wrong)
    {
        MemoryService memory = Service(new CountingGenerator { Extra = wrong });
        await FluentActions.Awaiting(() => memory.StoreAsync(Scope, new MemoryRecord { Text = "one" }).AsTask()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*nothing was stored*");
        MemoryService ragged = Service(new CountingGenerator { Ragged = true });
        await FluentActions.Awaiting(() => ragged.ExecuteAsync(new MemoryTransaction(Scope, [new MemoryUpsert(new MemoryRecord { Text = "a" }), new MemoryUpsert(new MemoryRecord { Text = "b" })])).AsTask())
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*dimensions*");
        (await memory.Store.GetStatsAsync(Scope)).Count.Should().Be(0);
    }

    [Fact]
    public async Task Store_NearDuplicate_IsMergedWhereTheOptionsSaySo()
    {
        MemoryService keeps = Service(new LexicalEmbeddingGenerator());
        MemoryService merges = Service(new LexicalEmbeddingGenerator(), o => o.Duplicates = DuplicateHandling.Merge);
        foreach (MemoryService memory in (MemoryService[])[keeps, merges])
        {
            MemoryReceipt first = await memory.StoreAsync(Scope, new MemoryRecord { Text = "The server is in Oslo.", Tags = ["a"], Importance = 0.3 });
            MemoryReceipt second = await memory.StoreAsync(Scope, new MemoryRecord { Text = "the server is in Oslo", Tags = ["b"], Importance = 0.8 });
            MemoryReceipt otherKind = await memory.StoreAsync(Scope, new MemoryRecord { Text = "the server is in Oslo", Kind = "event" });
            otherKind.Created.Should().BeTrue();
            if (memory == keeps)
            {
                second.Created.Should().BeTrue();
                continue;
            }

            second.Should().Be(new MemoryReceipt(first.Id, 2, false) { DuplicateOf = first.Id });
            MemoryRecord merged = (await memory.Store.GetAsync(Scope, first.Id))!;
            merged.Tags.Should().Equal("a", "b");
            merged.Importance.Should().Be(0.8);
        }
    }

    [Fact]
    public async Task Store_RepeatedWithItsKey_SaysWhatItSaidTheFirstTime()
    {
        MemoryService memory = Service(new LexicalEmbeddingGenerator(), o => o.Duplicates = DuplicateHandling.Merge);
        MemoryReceipt first = await memory.StoreAsync(Scope, new MemoryRecord { Text = "The server is in Oslo." }, "k1");
        MemoryReceipt twin = await memory.StoreAsync(Scope, new MemoryRecord { Text = "the server is in Oslo" }, "k2");
        (await memory.StoreAsync(Scope, new MemoryRecord { Text = "The server is in Oslo." }, "k1")).Should().Be(first, "it made the memory it finds now");
        (await memory.StoreAsync(Scope, new MemoryRecord { Text = "the server is in Oslo" }, "k2")).Should().Be(twin);
        (first.Created, first.DuplicateOf, twin.Created, twin.DuplicateOf).Should().Be((true, null, false, first.Id));
        (await memory.Store.GetAsync(Scope, first.Id))!.Version.Should().Be(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Store_NearDuplicateOfWhatChangesMeanwhile_IsMergedAllTheSame(bool deleted)
    {
        using InMemoryStore inner = new(null, _clock);
        MemoryRecord oslo = new() { Text = "the server is in Oslo", Tags = ["a"] };
        bool meddle = false;
        MemoryService memory = new(
            InterposedStore.Around(inner, name =>
            {
                if (name == nameof(IMemoryStore.ExecuteAsync) && meddle)
                {
                    meddle = false;
                    inner.ExecuteAsync(new MemoryTransaction(Scope, [deleted ? new MemoryDelete("x") : new MemoryPatch("x") { Tags = ["b"] }])).AsTask().GetAwaiter().GetResult();
                }
            }),
            new LexicalEmbeddingGenerator(), Options.Create(new MemoryOptions { Duplicates = DuplicateHandling.Merge }), null, _clock);
        await memory.StoreAsync(Scope, oslo with { Id = "x" });
        meddle = true;
        MemoryReceipt receipt = await memory.StoreAsync(Scope, oslo with { Tags = ["c"] });
        receipt.DuplicateOf.Should().Be(deleted ? null : "x");
        (await inner.GetAsync(Scope, receipt.Id))!.Tags.Should().Equal(deleted ? ["c"] : ["b", "c"]);
    }

    [Fact]
    public async Task Search_RecencyAndImportance_DecideBetweenEquals()
    {
        MemoryService memory = Service(new LexicalEmbeddingGenerator(), static o => (o.RecencyWeight, o.ImportanceWeight) = (0.5, 0.5));
        await memory.StoreAsync(Scope, new MemoryRecord { Id = "old", Text = "the budget is ten" });
        _clock.Advance(TimeSpan.FromDays(60));
        await memory.StoreAsync(Scope, new MemoryRecord { Id = "new", Text = "the budget is ten" });
        await memory.StoreAsync(Scope, new MemoryRecord { Id = "vital", Text = "the budget is ten", Importance = 1 });
        IReadOnlyList<MemoryMatch> found = await memory.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Text = "budget" });
        found.Select(static m => m.Record.Id).Should().Equal("vital", "new", "old");
        found[2].Factors["recency"].Should().BeApproximately(1 - (0.5 * 0.75), 1e-9, "two half-lives have passed");
        (await memory.SearchAsync(Scope, new MemoryQuery { Mode = MemorySearchMode.Semantic, Text = "budget", MinScore = found[1].Score })).Should().HaveCount(2);
    }

    [Fact]
    public async Task Search_Variety_BringsSomethingElse()
    {
        MemoryService same = Service(new LexicalEmbeddingGenerator());
        MemoryService varied = Service(new LexicalEmbeddingGenerator(), static o => o.Variety = 0.7);
        foreach (MemoryService memory in (MemoryService[])[same, varied])
        {
            await memory.StoreAsync(Scope, new MemoryRecord { Id = "a", Text = "ferry to Bergen at nine" });
            await memory.StoreAsync(Scope, new MemoryRecord { Id = "b", Text = "ferry to Bergen at nine!" });
            await memory.StoreAsync(Scope, new MemoryRecord { Id = "c", Text = "ferry tickets are sold online in advance" });
            (await memory.SearchAsync(Scope, new MemoryQuery { Text = "ferry to Bergen", Top = 2 })).Select(static m => m.Record.Id).Should().Equal(memory == same ? ["a", "b"] : ["a", "c"]);
        }
    }

    [Fact]
    public async Task Search_WithAReranker_FollowsIt()
    {
        MemoryService memory = Service(new LexicalEmbeddingGenerator(), static o => o.RerankCandidates = 2, new LongestFirst());
        await memory.StoreAsync(Scope, new MemoryRecord { Id = "short", Text = "tea" });
        await memory.StoreAsync(Scope, new MemoryRecord { Id = "long", Text = "tea, and very much else besides" });
        await memory.StoreAsync(Scope, new MemoryRecord { Id = "third", Text = "some tea for a far longer sentence that was no candidate any more at all" });
        (await memory.SearchAsync(Scope, new MemoryQuery { Text = "tea" })).Select(static m => m.Record.Id).Should().Equal("long", "short", "third");
    }

    [Fact]
    public async Task Search_FactorsSayHowAScoreCameAbout()
    {
        MemoryService memory = Service(new LexicalEmbeddingGenerator(), static o => (o.RecencyWeight, o.ImportanceWeight, o.RecencyHalfLife) = (0.4, 0.2, TimeSpan.FromDays(10)));
        await memory.StoreAsync(Scope, new MemoryRecord { Text = "the budget is ten", Importance = 0.25 });
        _clock.Advance(TimeSpan.FromDays(10));
        MemoryMatch match = (await memory.SearchAsync(Scope, new MemoryQuery { Text = "the budget is ten" })).Should().ContainSingle().Subject;
        (match.Factors["recency"], match.Factors["importance"]).Should().Be((1 - (0.4 * 0.5), 1 - (0.2 * 0.75)));
        match.Score.Should().BeApproximately(match.Factors["relevance"] * 0.8 * 0.85, 1e-12);
    }

    [Theory]
    [InlineData("0.5", "0", "0", "1", "1", "00:00:00.0000001")]
    [InlineData("1", "200", "1000000", "16777216", "10000", "10000.00:00:00")]
    public void Options_AtTheEndsOfTheirRanges_AreTaken(string similarity, string candidates, string quota, string text, string results, string life)
    {
        Dictionary<string, string?> settings = new()
        {
            ["DuplicateSimilarity"] = similarity,
            ["RerankCandidates"] = candidates,
            ["SourceQuota"] = quota,
            ["SessionLife"] = life,
            ["RecencyHalfLife"] = life,
            ["SourceWindow"] = life,
            ["Variety"] = similarity == "1" ? "1" : "0",
            ["MinTrust"] = similarity == "1" ? "1" : "0",
            ["RecencyWeight"] = similarity == "1" ? "1" : "0",
            ["ImportanceWeight"] = similarity == "1" ? "1" : "0",
            ["VectorSpace"] = new string('s', similarity == "1" ? 128 : 1),
            ["Limits:TextBytes"] = text,
            ["Limits:Results"] = results,
            ["Limits:Tags"] = similarity == "1" ? "1024" : "0",
            ["Limits:TagLength"] = similarity == "1" ? "1024" : "1",
            ["Limits:MetadataBytes"] = similarity == "1" ? "1048576" : "0",
            ["Limits:MetadataKeys"] = similarity == "1" ? "4096" : "0",
            ["Limits:MetadataDepth"] = similarity == "1" ? "64" : "1",
            ["Limits:Dimensions"] = similarity == "1" ? "16384" : "1",
            ["Limits:Operations"] = similarity == "1" ? "100000" : "1",
        };
        using ServiceProvider services = new ServiceCollection().AddMemory(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).BuildServiceProvider();
        services.GetRequiredService<IOptions<MemoryOptions>>().Value.Limits.TextBytes.Should().Be(int.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("DuplicateSimilarity", "0.49", "DuplicateSimilarity is 0.49; 0.5 to 1 is allowed.")]
    [InlineData("RerankCandidates", "201", "RerankCandidates is 201; 0 to 200 is allowed.")]
    [InlineData("SourceQuota", "1000001", "SourceQuota is 1000001; 0 to 1000000 is allowed.")]
    [InlineData("RecencyHalfLife", "00:00:00", "RecencyHalfLife is 00:00:00; it must be more than zero.")]
    [InlineData("VectorSpace", "", "VectorSpace has 0 characters; 1 to 128 are allowed.")]
    [InlineData("Limits:Tags", "1025", "Limits:Tags is 1025; 0 to 1024 is allowed.")]
    [InlineData("Limits:TextBytes", "16777217", "Limits:TextBytes is 16777217; 1 to 16777216 is allowed.")]
    [InlineData("Limits:Dimensions", "16385", "Limits:Dimensions is 16385; 1 to 16384 is allowed.")]
    [InlineData("Limits:Operations", "100001", "Limits:Operations is 100001; 1 to 100000 is allowed.")]
    [InlineData("Limits:Results", "10001", "Limits:Results is 10001; 1 to 10000 is allowed.")]
    [InlineData("Limits:MetadataDepth", "65", "Limits:MetadataDepth is 65; 1 to 64 is allowed.")]
    public void Option_OutOfItsRange_IsNamedWithWhatItIsAndMayBe(string key, string value, string message)
    {
        using ServiceProvider services = new ServiceCollection().AddMemory(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [key] = value }).Build()).BuildServiceProvider();
        services.Invoking(static s => s.GetRequiredService<IOptions<MemoryOptions>>().Value).Should().Throw<OptionsValidationException>().Which.Failures.Should().Equal(message);
    }

    [Fact]
    public void Options_OutOfRange_AreAllNamedAtOnce()
    {
        Dictionary<string, string?> settings = new()
        {
            ["DuplicateSimilarity"] = "0.1",
            ["RecencyWeight"] = "2",
            ["ImportanceWeight"] = "-1",
            ["Variety"] = "NaN",
            ["RerankCandidates"] = "999",
            ["RecencyHalfLife"] = "00:00:00",
            ["SessionLife"] = "-00:00:01",
            ["SourceWindow"] = "00:00:00",
            ["SourceQuota"] = "-1",
            ["MinTrust"] = "7",
            ["Limits:TextBytes"] = "0",
            ["Limits:Tags"] = "-1",
            ["Limits:TagLength"] = "0",
            ["Limits:MetadataBytes"] = "-1",
            ["Limits:MetadataKeys"] = "-1",
            ["Limits:MetadataDepth"] = "0",
            ["Limits:Dimensions"] = "0",
            ["Limits:Operations"] = "0",
            ["Limits:Results"] = "0",
            ["VectorSpace"] = new string('x', 200),
        };
        using ServiceProvider services = new ServiceCollection().AddMemory(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).BuildServiceProvider();
        OptionsValidationException error = services.Invoking(static s => s.GetRequiredService<IMemoryService>()).Should().Throw<OptionsValidationException>().Which;
        error.Failures.Select(static f => f.Split(' ')[0]).Should().BeEquivalentTo(settings.Keys);
    }

    [Fact]
    public async Task Lexical_Embedding_KnowsSpellingAndNeverChanges()
    {
        using LexicalEmbeddingGenerator generator = new();
        float[][] vectors = [.. (await generator.GenerateAsync(["running shoes", "Running shoe", "quarterly tax report", "!!!", "running shoes"])).Select(static e => e.Vector.ToArray())];
        vectors.Should().OnlyContain(static v => v.Length == 1_024 && Math.Abs(System.Numerics.Tensors.TensorPrimitives.Norm<float>(v) - 1) < 1e-5);
        vectors[4].Should().Equal(vectors[0]);
        System.Numerics.Tensors.TensorPrimitives.Dot<float>(vectors[0], vectors[1]).Should().BeGreaterThan(0.4f).And.BeGreaterThan(System.Numerics.Tensors.TensorPrimitives.Dot<float>(vectors[0], vectors[2]) + 0.3f);
        // A stored vector must mean the same for ever: these numbers are part of the format.
        int[] largest = [.. vectors[0].Select(static (v, i) => (Math.Abs(v), i)).OrderByDescending(static p => p).Take(2).Select(static p => p.i).Order()];
        largest.Should().Equal(84, 958);
        generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId.Should().Be(LexicalEmbeddingGenerator.ModelId);
        ((IEmbeddingGenerator)generator).GetService(typeof(string)).Should().BeNull();
    }

    /// <summary>The generator may be a composite: which model answered, or whether the text was in its cache, says nothing of the space.</summary>
    [Fact]
    public async Task Space_ToldByTheGenerator_CountsBeforeTheModel_AndAConfiguredOneBeforeBoth()
    {
        SpaceTeller teller = new();
        MemoryService memory = Service(teller);
        await memory.StoreAsync(Scope, new MemoryRecord { Id = "a", Text = "one" });
        teller.Model = null;
        await memory.StoreAsync(Scope, new MemoryRecord { Id = "b", Text = "two" });
        (await memory.SearchAsync(Scope, new MemoryQuery { Text = "one", Mode = MemorySearchMode.Semantic })).Select(static m => (m.Record.Id, m.Record.VectorSpace))
            .Should().BeEquivalentTo([("a", "declared"), ("b", "declared")]);
        MemoryService named = Service(teller, static o => o.VectorSpace = "configured");
        await named.StoreAsync(Scope, new MemoryRecord { Id = "c", Text = "three" });
        (await named.SearchAsync(Scope, new MemoryQuery { Text = "three", Mode = MemorySearchMode.Semantic }))[0].Record.VectorSpace.Should().Be("configured");
    }

    private MemoryService Service(IEmbeddingGenerator<string, Embedding<float>> generator, Action<MemoryOptions>? configure = null, IReranker? reranker = null)
    {
        MemoryOptions options = new();
        configure?.Invoke(options);
        return new MemoryService(new InMemoryStore(Options.Create(options.Limits), _clock), generator, Options.Create(options), new MemoryParts { Reranker = reranker }, _clock);
    }

    private sealed class LongestFirst : IReranker
    {
        public Task<IReadOnlyList<RerankResult>> RerankAsync(string query, IReadOnlyList<string> documents, string? modelId = null, CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<RerankResult>>([.. documents.Select(static (d, i) => new RerankResult(i, d.Length)).OrderByDescending(static r => r.Score)]);
    }

    private sealed class SpaceTeller : IEmbeddingGenerator<string, Embedding<float>>
    {
        public string? Model { get; set; } = "whoever answered";

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(v => new Embedding<float>(new float[] { 1, v.Length }) { ModelId = Model }))
            {
                AdditionalProperties = new() { [ResponseAnnotations.VectorSpace] = "declared" },
            });

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private sealed class CountingGenerator : IEmbeddingGenerator<string, Embedding<float>>
    {
        public List<string[]> Calls { get; } = [];

        public int Extra { get; init; }

        public bool Ragged { get; init; }

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            Calls.Add([.. values]);
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(Enumerable.Range(0, Calls[^1].Length + Extra).Select(i => new Embedding<float>(new float[Ragged ? i + 1 : 2].Select(static _ => 1f).ToArray()) { ModelId = "counting" })));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
