using Microsoft.Extensions.AI;
using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Embeddings;

public sealed class EmbeddingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Generate_MoreThanABatch_SplitsKeepsOrderAndAddsUsage()
    {
        int call = 0;
        await using RawServer server = new(_ => Reply.Json(Interlocked.Increment(ref call) == 1
            ? """{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[2]}],"usage":{"prompt_tokens":2,"total_tokens":2}}"""
            : """{"data":[{"index":0,"embedding":[3]}],"usage":{"prompt_tokens":1}}"""));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => o.EmbeddingBatchSize = 2);
        GeneratedEmbeddings<Embedding<float>> result = await provider.EmbeddingGenerator!.GenerateAsync(["a", "b", "c"], null, Token);
        result.Select(e => e.Vector.Span[0]).Should().Equal(1f, 2f, 3f);
        result.Usage!.InputTokenCount.Should().Be(3);
        result.Usage.TotalTokenCount.Should().Be(3);
        result[0].ModelId.Should().Be("sable");
        server.Requests.Should().HaveCount(2);
        server.Requests.First().Body.Should().Contain("\"float\"");
    }

    [Fact]
    public async Task Generate_Nothing_SendsNothing()
    {
        await using RawServer server = new(Reply.Drop);
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (await provider.EmbeddingGenerator!.GenerateAsync([], null, Token)).Should().BeEmpty();
        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Generate_ANullText_IsRefused()
    {
        await using OpenAIProvider provider = Chats.Provider(new Uri("http://127.0.0.1:9/v1"));
        await FluentActions.Awaiting(() => provider.EmbeddingGenerator!.GenerateAsync(["a", null!], null, Token)).Should().ThrowAsync<ArgumentException>().WithMessage("Text 1 of 2*");
    }

    [Fact]
    public async Task Generate_WithoutUsage_ReportsNone()
    {
        await using RawServer server = new(Reply.Json("""{"data":[{"embedding":[1]}]}"""));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (await provider.EmbeddingGenerator!.GenerateAsync(["a"], null, Token)).Usage.Should().BeNull();
    }

    public static TheoryData<int, string, FailureKind> Failures => new()
    {
        { 200, """{"data":[{"index":0,"embedding":[1,2]}]}""", FailureKind.InvalidResponse },
        { 200, """{"data":[]}""", FailureKind.InvalidResponse },
        { 200, "<html>", FailureKind.InvalidResponse },
        { 200, "", FailureKind.InvalidResponse },
        { 200, """{"error":{"message":"embedding_input_too_long","code":"context_length_exceeded"}}""", FailureKind.ContextLengthExceeded },
        { 500, """{"error":{"code":500,"message":"input (16802 tokens) is too large to process. increase the physical batch size","type":"server_error"}}""", FailureKind.ContextLengthExceeded },
        { 501, """{"error":{"code":501,"message":"This server does not support embeddings. Start it with `--embeddings`","type":"not_supported_error"}}""", FailureKind.BadRequest },
        { 404, "Not Found", FailureKind.BadRequest },
        { 404, "", FailureKind.BadRequest },
        { 400, """{"object":"list","error":{"message":"x"}}""", FailureKind.BadRequest },
        { 429, """{"error":{"message":"x"}}""", FailureKind.RateLimited },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Generate_EveryWrongAnswer_IsClassified(int status, string body, FailureKind expected)
    {
        await using RawServer server = new(Reply.Json(body, status));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        ProviderException seen = (await FluentActions.Awaiting(() => provider.EmbeddingGenerator!.GenerateAsync(["a", "b"], null, Token)).Should().ThrowAsync<ProviderException>()).Which;
        seen.Kind.Should().Be(expected);
        seen.Model.Should().Be("sable");
        if (status is 404 or 501)
        {
            seen.Failure.MissingCapability.Should().Be(ModelCapabilities.Embeddings);
        }
    }

    [Fact]
    public async Task Generate_DimensionsTheServerIgnores_IsRefused()
    {
        await using RawServer server = new(Reply.Json("""{"data":[{"index":0,"embedding":[1,2,3]}]}"""));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (await FluentActions.Awaiting(() => provider.EmbeddingGenerator!.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 2 }, Token))
            .Should().ThrowAsync<ProviderException>().WithMessage("*3 dimensions, but 2*")).Which.Kind.Should().Be(FailureKind.InvalidResponse);
    }

    [Fact]
    public async Task Generate_BatchesOfDifferentLength_IsRefused()
    {
        int call = 0;
        await using RawServer server = new(_ => Reply.Json(Interlocked.Increment(ref call) == 1 ? """{"data":[{"embedding":[1]}]}""" : """{"data":[{"embedding":[1,2]}]}"""));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => o.EmbeddingBatchSize = 1);
        (await FluentActions.Awaiting(() => provider.EmbeddingGenerator!.GenerateAsync(["a", "b"], null, Token)).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.InvalidResponse);
    }

    [Fact]
    public async Task Rerank_OverASocket_GivesTheScores()
    {
        await using RawServer server = new(Reply.Json("""{"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.1}]}"""));
        await using OpenAIProvider provider = Ranker(server.Endpoint);
        (await provider.Reranker!.RerankAsync("q", ["a", "b"], null, Token)).Select(r => r.Index).Should().Equal(1, 0);
        Received received = server.Requests.Single();
        received.Path.Should().Be("/v1/rerank");
        received.Body.Should().Be("""{"model":"rank","query":"q","documents":["a","b"],"top_n":2}""");
    }

    [Theory]
    [InlineData(404, "Not Found", FailureKind.BadRequest)]
    [InlineData(200, """{"results":[]}""", FailureKind.InvalidResponse)]
    [InlineData(503, "", FailureKind.Overloaded)]
    public async Task Rerank_EveryWrongAnswer_IsClassified(int status, string body, FailureKind expected)
    {
        await using RawServer server = new(Reply.Json(body, status));
        await using OpenAIProvider provider = Ranker(server.Endpoint);
        (await FluentActions.Awaiting(() => provider.Reranker!.RerankAsync("q", ["a"], null, Token)).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(expected);
    }

    [Fact]
    public async Task Rerank_Nothing_IsRefused()
    {
        await using OpenAIProvider provider = Ranker(new Uri("http://127.0.0.1:9/v1"));
        await FluentActions.Awaiting(() => provider.Reranker!.RerankAsync("", ["a"], null, Token)).Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => provider.Reranker!.RerankAsync("q", [], null, Token)).Should().ThrowAsync<ArgumentException>();
        provider.ChatClient.Should().BeNull("the only declared model does not chat");
    }

    private static OpenAIProvider Ranker(Uri endpoint) => Chats.Provider(endpoint, o => { o.DefaultModel = null; o.Models["rank"] = new ModelOptions { Capabilities = ModelCapabilities.Rerank }; });
}
