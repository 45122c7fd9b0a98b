using Microsoft.Extensions.DependencyInjection;
using Providers.Tests.Support;

namespace Providers.Tests.Embeddings;

public sealed class EmbeddingTests
{
    private readonly FakeProvider _first = Embedder("first", "space", 4);
    private readonly FakeProvider _second = Embedder("second", "space", 4);

    [Fact]
    public async Task Generate_FirstFails_SecondOfTheSameSpaceServes()
    {
        _first.Fails(FailureKind.ConnectionLost);
        await using TestComposite composite = new([_first, _second]);
        GeneratedEmbeddings<Embedding<float>> result = await composite.Embeddings.GenerateAsync(["a", "b"]);
        result.Should().HaveCount(2);
        result.AdditionalProperties![ResponseAnnotations.Provider].Should().Be("second");
        result.Usage!.TotalTokenCount.Should().Be(2);
    }

    [Fact]
    public async Task Generate_OnlyAnotherSpaceIsLeft_RefusesRatherThanMix()
    {
        _first.Fails(FailureKind.ConnectionLost);
        FakeProvider other = Embedder("other", "another", 4);
        await using TestComposite composite = new([_first, other], static o => o.Retry.MaxRetries = 0);
        for (int i = 0; i < 20; i++)
        {
            NoProvidersAvailableException error = (await FluentActions.Awaiting(() => composite.Embeddings.GenerateAsync(["a"])).Should().ThrowAsync<NoProvidersAvailableException>()).Which;
            error.Targets.Should().Contain(static t => t.Provider == "other" && t.Skipped == SkipReason.MissingCapability);
        }

        other.Embedded.Should().BeEmpty();
    }

    public static TheoryData<string, Func<IReadOnlyList<string>, GeneratedEmbeddings<Embedding<float>>>> Wrong => new()
    {
        { "2 texts were sent and 1 vectors", static _ => Reply.Vectors(1, 4) },
        { "2 texts were sent and 3 vectors", static _ => Reply.Vectors(3, 4) },
        { "has 5 dimensions; 4 were expected", static _ => Reply.Vectors(2, 5) },
        { "not finite", static _ => Reply.Vectors(2, 4, float.NaN) },
        { "not finite", static _ => Reply.Vectors(2, 4, float.PositiveInfinity) },
        { "all zeros", static _ => Reply.Vectors(2, 4, 0) },
        { "has 0 dimensions", static _ => Reply.Vectors(2, 0) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Generate_FirstAnswersWrongly_IsRefusedAndSecondServes(string message, Func<IReadOnlyList<string>, GeneratedEmbeddings<Embedding<float>>> wrong)
    {
        _first.Embed = texts => Task.FromResult(wrong(texts));
        await using TestComposite composite = new([_first, _second]);
        GeneratedEmbeddings<Embedding<float>> result = await composite.Embeddings.GenerateAsync(["a", "b"]);
        result.AdditionalProperties![ResponseAnnotations.Provider].Should().Be("second");
        result.AdditionalProperties[ResponseAnnotations.Trail].Should().BeAssignableTo<IReadOnlyList<TargetOutcome>>().Which[0].Failure!.Message.Should().Contain(message);
    }

    [Fact]
    public async Task Generate_RaggedVectors_AreRefused()
    {
        FakeProvider only = Embedder("only", null, null);
        only.Embed = static _ => Task.FromResult(new GeneratedEmbeddings<Embedding<float>>([new(new float[] { 1, 2 }), new(new float[] { 1, 2, 3 })]));
        await using TestComposite composite = new([only]);
        await FluentActions.Awaiting(() => composite.Embeddings.GenerateAsync(["a", "b"])).Should().ThrowAsync<NoProvidersAvailableException>().WithMessage("*3 dimensions; 2 were expected*");
    }

    [Fact]
    public async Task Generate_LargeInput_IsSplitKeepsOrderAndAddsUsageOnce()
    {
        _first.Embed = static texts => Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(
            texts.Select(static t => new Embedding<float>(new float[] { int.Parse(t, System.Globalization.CultureInfo.InvariantCulture) + 1, 1, 1, 1 })))
        {
            Usage = new UsageDetails { InputTokenCount = texts.Count },
        });
        await using TestComposite composite = new([_first, _second], static o => o.Embeddings.BatchSize = 100);
        GeneratedEmbeddings<Embedding<float>> result = await composite.Embeddings.GenerateAsync(Enumerable.Range(0, 1_234).Select(static i => $"{i}"));
        result.Select(static e => e.Vector.Span[0]).Should().Equal(Enumerable.Range(1, 1_234).Select(static i => (float)i));
        result.Usage!.InputTokenCount.Should().Be(1_234);
        _first.Embedded.Should().HaveCount(13);
        (await composite.Embeddings.GenerateAsync([])).Should().BeEmpty();
    }

    [Fact]
    public async Task Generate_Options_ReachTheTargetWithoutOurs()
    {
        await using TestComposite composite = new([_first]);
        EmbeddingGenerationOptions options = new RequestPreferences { TotalTimeout = TimeSpan.FromSeconds(1) }.ApplyTo(new EmbeddingGenerationOptions { Dimensions = 4 });
        (await composite.Embeddings.GenerateAsync(["a"], options)).Should().ContainSingle();
        composite.Embeddings.GetService<EmbeddingGeneratorMetadata>()!.ProviderName.Should().Be("providers");
        await FluentActions.Awaiting(() => composite.Embeddings.GenerateAsync(null!)).Should().ThrowAsync<ArgumentNullException>();
    }

    [Fact]
    public async Task Chat_TargetDeclaredForEmbeddingsOnly_IsNeverAsked()
    {
        FakeProvider chat = new("chat");
        await using TestComposite composite = new([_first, chat]);
        (await composite.AskAsync()).GetProvider().Should().Be("chat");
    }

    [Fact]
    public async Task Rerank_TargetReranks_ScoresAreCheckedAndSorted()
    {
        _first.Reranker = new FakeReranker(static n => [.. Enumerable.Range(0, n - 1).Select(static i => new RerankResult(i, i))]);
        _second.Reranker = new FakeReranker(static n => [.. Enumerable.Range(0, n).Select(static i => new RerankResult(i, i % 3))]);
        await using TestComposite composite = new([_first, _second]);
        IReadOnlyList<RerankResult> result = await composite.Reranker.RerankAsync("q", ["a", "b", "c", "d", "e", "f"]);
        result.Select(static r => r.Index).Should().Equal(2, 5, 1, 4, 0, 3);
        composite.Catalog.GetProviders()[0].Targets[0].LastFailure.Should().Be(FailureKind.InvalidResponse);
    }

    [Fact]
    public async Task Rerank_EveryRerankerFails_TheRoutesVectorsDecide()
    {
        _first.Reranker = new FakeReranker(static _ => throw new IOException("gone"));
        await using TestComposite composite = new([_first, _second], static o => o.Retry.MaxRetries = 0);
        _second.Embed = static texts => Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(static t => new Embedding<float>(t == "far" ? new float[] { 0, 0, 0, 1 } : new float[] { 1, 0, 0, 0 }))));
        _first.Embed = _second.Embed;
        (await composite.Reranker.RerankAsync("query", ["far", "near"])).Select(static r => r.Index).Should().Equal(1, 0);

        FakeProvider only = new("only") { Reranker = _first.Reranker };
        await using TestComposite without = new([only], static o => o.Retry.MaxRetries = 0);
        await FluentActions.Awaiting(() => without.Reranker.RerankAsync("query", ["far", "near"])).Should().ThrowAsync<NoProvidersAvailableException>("there is nothing else to order by");
    }

    [Fact]
    public async Task Rerank_NoTargetReranks_FallsBackToVectors()
    {
        _first.Embed = static texts => Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(static t => new Embedding<float>(
            t == "near" ? new float[] { 1, 0.1f, 0, 0 } : t == "far" ? new float[] { 0, 1, 0, 0 } : new float[] { 1, 0, 0, 0 }))));
        await using TestComposite composite = new([_first]);
        IReadOnlyList<RerankResult> result = await composite.Reranker.RerankAsync("query", ["far", "near"]);
        result.Select(static r => r.Index).Should().Equal(1, 0);
        result[0].Score.Should().BeGreaterThan(0.9);
        await FluentActions.Awaiting(() => composite.Reranker.RerankAsync("q", [])).Should().ThrowAsync<ArgumentException>();
    }

    private static FakeProvider Embedder(string name, string? space, int? dimensions) => new(name)
    {
        Embeds = true,
        Descriptor = new ProviderDescriptor(name, "Fake")
        {
            Models = [new ModelDescriptor("embed") { Capabilities = ModelCapabilities.Embeddings | ModelCapabilities.Rerank, VectorSpace = space, EmbeddingDimensions = dimensions }],
        },
    };

    private sealed class FakeReranker(Func<int, IReadOnlyList<RerankResult>> score) : IReranker
    {
        public Task<IReadOnlyList<RerankResult>> RerankAsync(string query, IReadOnlyList<string> documents, string? modelId = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(score(documents.Count));
    }
}
