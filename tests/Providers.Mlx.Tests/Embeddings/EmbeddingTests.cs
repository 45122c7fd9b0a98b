using Microsoft.Extensions.AI;

namespace Providers.Mlx.Tests;

public sealed class EmbeddingTests
{
    private const string Model = "org/embed";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Generate_OutOfOrder_PlacesByIndexAndNormalises()
    {
        await using RawServer server = RawServer.Json("""{"data":[{"index":1,"embedding":[8,6]},{"index":0,"embedding":[3,4]}],"usage":{"prompt_tokens":6,"total_tokens":6}}""");
        await using MlxProvider provider = New(server);
        GeneratedEmbeddings<Embedding<float>> result = await provider.EmbeddingGenerator!.GenerateAsync(["alpha", "beta"], cancellationToken: Stop);
        result[0].Vector.ToArray().Should().Equal(0.6f, 0.8f);
        result[1].Vector.ToArray().Should().Equal(0.8f, 0.6f);
        result[0].ModelId.Should().Be(Model);
        result.Usage!.InputTokenCount.Should().Be(6);
        server.Exchanges[0].Path.Should().Be("/v1/embeddings");
        server.Exchanges[0].Json.GetProperty("encoding_format").GetString().Should().Be("float");
        server.Exchanges[0].Head.Should().Contain(h => h.StartsWith("Content-Length", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Generate_NormalisingOff_LeavesTheVectors()
    {
        await using RawServer server = RawServer.Json("""{"data":[{"embedding":[3,4]}]}""");
        await using MlxProvider provider = New(server, o => o.NormalizeEmbeddings = false);
        GeneratedEmbeddings<Embedding<float>> result = await provider.EmbeddingGenerator!.GenerateAsync(["alpha"], cancellationToken: Stop);
        result[0].Vector.ToArray().Should().Equal(3f, 4f);
        result.Usage.Should().BeNull();
    }

    [Fact]
    public async Task Generate_Base64_IsRead()
    {
        byte[] bytes = [.. BitConverter.GetBytes(0f), .. BitConverter.GetBytes(2f)];
        await using RawServer server = RawServer.Json($$"""{"data":[{"index":0,"embedding":"{{Convert.ToBase64String(bytes)}}"}]}""");
        await using MlxProvider provider = New(server);
        (await provider.EmbeddingGenerator!.GenerateAsync(["alpha"], cancellationToken: Stop))[0].Vector.ToArray().Should().Equal(0f, 1f);
    }

    [Fact]
    public async Task Generate_ManyTexts_SplitsAndSumsUsage()
    {
        await using RawServer server = new(x => x.WriteAsync(RawServer.Http(200, Answer(x.Json.GetProperty("input").GetArrayLength()))));
        await using MlxProvider provider = New(server, o => o.EmbeddingBatchSize = 2);
        GeneratedEmbeddings<Embedding<float>> result = await provider.EmbeddingGenerator!.GenerateAsync(["a", "b", "c", "d", "e"], cancellationToken: Stop);
        result.Should().HaveCount(5);
        server.Exchanges.Select(x => x.Json.GetProperty("input").GetArrayLength()).Should().Equal(2, 2, 1);
        result.Usage!.TotalTokenCount.Should().Be(5);

        static string Answer(int count)
        {
            IEnumerable<string> items = Enumerable.Range(0, count).Select(i => $$"""{"index":{{i}},"embedding":[1,0]}""");
            return "{\"data\":[" + string.Join(',', items) + "],\"usage\":{\"prompt_tokens\":" + count + "}}";
        }
    }

    [Theory]
    [InlineData(new[] { 1, 1, 1 }, 2, 100, "0-2 2-3")]
    [InlineData(new[] { 60, 60, 10 }, 9, 100, "0-1 1-3")]
    [InlineData(new[] { 500, 1, 500 }, 9, 100, "0-1 1-2 2-3")]
    [InlineData(new int[0], 9, 100, "")]
    public void Split_ByCountAndCharacters(int[] lengths, int count, int characters, string ranges) =>
        string.Join(' ', EmbeddingBatches.Split([.. lengths.Select(l => new string('x', l))], count, characters).Select(r => $"{r.Start}-{r.End}"))
            .Should().Be(ranges);

    [Fact]
    public async Task Generate_FewerDimensionsOfAMatryoshkaModel_CutsAndNormalisesAgain()
    {
        await using RawServer server = RawServer.Json("""{"data":[{"index":0,"embedding":[3,4,12]}]}""");
        await using MlxProvider provider = New(server, o => { o.MatryoshkaModels.Add(Model); o.NormalizeEmbeddings = false; });
        GeneratedEmbeddings<Embedding<float>> result = await provider.EmbeddingGenerator!.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 2 }, Stop);
        result[0].Vector.ToArray().Should().Equal(0.6f, 0.8f);
        server.Exchanges[0].Json.TryGetProperty("dimensions", out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("""{"data":[{"index":0,"embedding":[1]}]}""", "1 embeddings for 2 texts")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}""", "index 0")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}""", "index 2")]
    [InlineData("""{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}""", "has 2 dimensions, another has 1")]
    [InlineData("""{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}""", "is empty")]
    [InlineData("""{"data":[{"index":0,"embedding":[1e39]},{"index":1,"embedding":[1]}]}""", "not a finite number")]
    [InlineData("""{"data":[{"index":0,"embedding":"AAA="},{"index":1,"embedding":"AAA="}]}""", "2 bytes")]
    [InlineData("""{"data":[{"index":0},{"index":1}]}""", "not a list of embeddings")]
    [InlineData("""{"date":[]}""", "not a list of embeddings")]
    [InlineData("""<html>""", "not a list of embeddings")]
    public async Task Generate_WrongAnswer_IsInvalidResponse(string body, string message)
    {
        await using RawServer server = RawServer.Json(body);
        await using MlxProvider provider = New(server);
        ProviderException e = await FailsAsync(provider, ["a", "b"]);
        e.Kind.Should().Be(FailureKind.InvalidResponse);
        e.Message.Should().Contain(message);
        e.Provider.Should().Be("mlx");
        e.Model.Should().Be(Model);
    }

    [Theory]
    [InlineData(5, false, "5 dimensions were asked for, but the model has 4.")]
    [InlineData(5, true, "5 dimensions were asked for, but the model has 4.")]
    [InlineData(2, false, "2 dimensions were asked for, but the model has 4 and its vectors must not be cut: it is not named in MatryoshkaModels.")]
    public async Task Generate_ImpossibleDimensions_AreRefusedBeforeSending(int dimensions, bool cuts, string message)
    {
        await using RawServer server = RawServer.Json("{}");
        await using MlxProvider provider = New(server, o =>
        {
            o.Models[Model].EmbeddingDimensions = 4;
            if (cuts)
            {
                o.MatryoshkaModels.Add(Model);
            }
        });
        ProviderException refused = await FailsAsync(provider, ["a"], new EmbeddingGenerationOptions { Dimensions = dimensions });
        (refused.Kind, refused.Failure.Message).Should().Be((FailureKind.BadRequest, message));
        server.Exchanges.Should().BeEmpty();
    }

    [Fact]
    public async Task Generate_TheDimensionsItHas_AreSent()
    {
        await using RawServer server = RawServer.Json("""{"data":[{"index":0,"embedding":[3,4]}]}""");
        await using MlxProvider provider = New(server, o => o.Models[Model].EmbeddingDimensions = 2);
        (await provider.EmbeddingGenerator!.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 2 }, Stop))[0].Vector.ToArray().Should().Equal(0.6f, 0.8f);
    }

    [Fact]
    public async Task Generate_OtherDimensionsThanDeclaredOrAsked_IsInvalidResponse()
    {
        await using RawServer server = RawServer.Json("""{"data":[{"index":0,"embedding":[3,4]}]}""");
        await using MlxProvider declared = New(server, o => o.Models[Model].EmbeddingDimensions = 4);
        (await FailsAsync(declared, ["a"])).Message.Should().Contain("have 2 dimensions; the model is declared with 4");
        await using MlxProvider asked = New(server);
        (await FailsAsync(asked, ["a"], new EmbeddingGenerationOptions { Dimensions = 1 })).Message.Should().Contain("must not be cut");
    }

    [Theory]
    [InlineData(401, """{"detail":"Invalid API key"}""", FailureKind.AuthFailed)]
    [InlineData(402, "", FailureKind.QuotaExhausted)]
    [InlineData(429, """{"detail":"Rate limit exceeded"}""", FailureKind.RateLimited)]
    [InlineData(503, """{"detail":"Server busy"}""", FailureKind.Overloaded)]
    [InlineData(503, """{"error":{"message":"Loading model","type":"unavailable_error","code":503}}""", FailureKind.ModelLoading)]
    [InlineData(504, """{"detail":"Request timed out"}""", FailureKind.Transient)]
    [InlineData(404, "Not Found", FailureKind.BadRequest)]
    [InlineData(302, "", FailureKind.Unknown)]
    public async Task Generate_Refused_IsClassified(int status, string body, FailureKind kind)
    {
        await using RawServer server = RawServer.Json(body, status, "Retry-After: 7\r\n");
        await using MlxProvider provider = New(server);
        ProviderException e = await FailsAsync(provider, ["a"]);
        e.Kind.Should().Be(kind);
        e.Failure.Status.Should().Be(status);
        e.Failure.RetryAfter.Should().Be(TimeSpan.FromSeconds(7));
        provider.Classify(e).Should().Be(e.Failure);
    }

    [Fact]
    public async Task Generate_NoEmbeddingsOnTheServer_NamesTheMissingCapability()
    {
        await using RawServer server = RawServer.Json("Not Found", 404);
        await using MlxProvider provider = New(server);
        (await FailsAsync(provider, ["a"])).Failure.MissingCapability.Should().Be(ModelCapabilities.Embeddings);
    }

    [Fact]
    public async Task Generate_ServerEchoesTheKey_ItIsMasked()
    {
        await using RawServer server = RawServer.Json("""{"detail":"Invalid API key k-1234"}""", 401);
        await using MlxProvider provider = New(server, o => o.ApiKey = "k-1234");
        (await FailsAsync(provider, ["a"])).ToString().Should().Contain("Invalid API key ***").And.NotContain("k-1234");
    }

    [Fact]
    public async Task Generate_Silence_TimesOutAndAsksTheServer()
    {
        await using RawServer server = new(x => x.HangAsync());
        await using MlxProvider provider = New(server, o => { o.FirstByteTimeout = TimeSpan.FromMilliseconds(200); o.ProbeTimeout = TimeSpan.FromMilliseconds(200); });
        (await FailsAsync(provider, ["a"])).Message.Should().Contain("TimedOut").And.Contain("0.2 s");
    }

    [Fact]
    public async Task Generate_StallInTheBody_TimesOut()
    {
        await using RawServer server = new(async x =>
        {
            await x.WriteAsync("HTTP/1.0 200 OK\r\n\r\n{\"data\":");
            await x.HangAsync();
        });
        await using MlxProvider provider = New(server, o => o.IdleTimeout = TimeSpan.FromMilliseconds(200));
        (await FailsAsync(provider, ["a"])).Kind.Should().Be(FailureKind.TimedOut);
    }

    [Fact]
    public async Task Generate_ConnectionClosedOrRefused_IsConnectionLost()
    {
        RawServer server = new(_ => Task.CompletedTask);
        await using MlxProvider provider = New(server);
        (await FailsAsync(provider, ["a"])).Kind.Should().Be(FailureKind.ConnectionLost);
        await server.DisposeAsync();
        (await FailsAsync(provider, ["a"])).Kind.Should().Be(FailureKind.ConnectionLost);
    }

    [Fact]
    public async Task Generate_AfterAnAnswerOfHttp10_TakesANewConnection()
    {
        const string answer = """{"data":[{"embedding":[3,4]}]}""";
        await using RawServer server = new(async x =>
        {
            await x.WriteAsync(RawServer.Http(200, answer, headers: $"Content-Length: {answer.Length}\r\n"));
            await x.HangAsync(); // its end of the connection comes late; what is sent on it meanwhile is lost
        });
        await using MlxProvider provider = New(server);
        await provider.EmbeddingGenerator!.GenerateAsync(["a"], cancellationToken: Stop);
        (await provider.EmbeddingGenerator!.GenerateAsync(["b"], cancellationToken: Stop)).Should().ContainSingle();
        server.Exchanges.Should().HaveCount(2);
    }

    [Fact]
    public async Task Generate_CallerCancels_IsOperationCanceled()
    {
        using CancellationTokenSource caller = new();
        await using RawServer server = new(async x =>
        {
            await caller.CancelAsync();
            await x.HangAsync();
        });
        await using MlxProvider provider = New(server);
        await provider.Invoking(p => p.EmbeddingGenerator!.GenerateAsync(["a"], cancellationToken: caller.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Generate_EmptyTextOrUndeclaredModel_IsRefusedBeforeSending()
    {
        await using RawServer server = RawServer.Json("{}");
        await using MlxProvider provider = New(server);
        (await FailsAsync(provider, ["a", ""])).Message.Should().Contain("Text 1 of 2 is empty");
        ProviderException e = await FailsAsync(provider, ["a"], new EmbeddingGenerationOptions { ModelId = "other" });
        e.Failure.MissingCapability.Should().Be(ModelCapabilities.Embeddings);
        server.Exchanges.Should().BeEmpty();
        (await provider.EmbeddingGenerator!.GenerateAsync([], cancellationToken: Stop)).Should().BeEmpty();
    }

    [Fact]
    public async Task Generate_Key_IsSent()
    {
        await using RawServer server = RawServer.Json("""{"data":[{"embedding":[1]}]}""");
        await using MlxProvider provider = New(server, o => o.ApiKey = "k-1");
        await provider.EmbeddingGenerator!.GenerateAsync(["a"], cancellationToken: Stop);
        server.Exchanges[0].Head.Should().Contain("Authorization: Bearer k-1");
    }

    [Fact]
    public async Task Provider_OnlyEmbeds_ProbesWithAVector()
    {
        await using RawServer server = RawServer.Json("""{"data":[{"index":0,"embedding":[1]}]}""");
        await using MlxProvider provider = New(server);
        provider.ChatClient.Should().BeNull();
        (await provider.CheckHealthAsync(Stop)).Health.Should().Be(ProviderHealth.Healthy);
        server.Exchanges.Single().Path.Should().Be("/v1/embeddings");
    }

    [Fact]
    public async Task GetService_KnowsMetadataAndItself()
    {
        await using MlxProvider provider = New(RawServer.Json("{}"));
        IEmbeddingGenerator generator = provider.EmbeddingGenerator!;
        EmbeddingGeneratorMetadata metadata = generator.GetService<EmbeddingGeneratorMetadata>()!;
        metadata.ProviderName.Should().Be("mlx.mlx_lm");
        metadata.DefaultModelId.Should().Be(Model);
        generator.GetService(generator.GetType()).Should().BeSameAs(generator);
        generator.GetService<string>().Should().BeNull();
        generator.GetService(generator.GetType(), "key").Should().BeNull();
        generator.Dispose();
    }

    private static MlxProvider New(RawServer server, Action<MlxProviderOptions>? configure = null)
    {
        MlxProviderOptions options = new() { BaseUrl = server.Address, Models = { [Model] = new ModelOptions { Capabilities = ModelCapabilities.Embeddings } } };
        configure?.Invoke(options);
        return new MlxProvider("mlx", options);
    }

    private static async Task<ProviderException> FailsAsync(MlxProvider provider, string[] texts, EmbeddingGenerationOptions? options = null) =>
        (await provider.Invoking(p => p.EmbeddingGenerator!.GenerateAsync(texts, options, Stop)).Should().ThrowAsync<ProviderException>()).Which;
}
