using Providers.Http;
using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Failures;

public sealed class ErrorClassifierTests
{
    /// <summary>Every row of the wire's table for OpenAI and compatible servers, then the shapes real servers were seen to send.</summary>
    public static TheoryData<int, string, FailureKind> Rows => new()
    {
        { 429, """{"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}}""", FailureKind.RateLimited },
        { 429, """{"error":{"message":"Slow down","type":"requests","code":"slow_down"}}""", FailureKind.RateLimited },
        { 429, "", FailureKind.RateLimited },
        { 429, "<html>Too many requests</html>", FailureKind.RateLimited },
        { 429, """{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}""", FailureKind.QuotaExhausted },
        { 429, """{"error":{"message":"You exceeded your current quota, please check your plan."}}""", FailureKind.QuotaExhausted },
        { 429, """{"error":{"message":"No credit","type":"insufficient_quota","code":"credit_balance_exhausted"}}""", FailureKind.QuotaExhausted },
        { 429, """{"error":{"message":"Limit","type":"invalid_request_error","code":"billing_hard_limit_reached"}}""", FailureKind.QuotaExhausted },
        { 403, """{"error":{"message":"Not active","type":"billing_not_active"}}""", FailureKind.QuotaExhausted },
        { 402, """{"error":{"message":"Insufficient credits","code":402}}""", FailureKind.QuotaExhausted },
        { 402, "", FailureKind.QuotaExhausted },
        { 401, """{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}""", FailureKind.AuthFailed },
        { 401, """{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}""", FailureKind.AuthFailed },
        { 403, """{"error":{"message":"Country, region, or territory not supported","code":"unsupported_country_region_territory"}}""", FailureKind.AuthFailed },
        { 403, "", FailureKind.AuthFailed },
        { 400, """{"error":{"message":"Bad key","type":"authentication_error"}}""", FailureKind.AuthFailed },
        { 404, """{"error":{"message":"The model `x` does not exist","type":"invalid_request_error","code":"model_not_found"}}""", FailureKind.ModelMissing },
        { 404, """{"error":{"message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}}""", FailureKind.ModelMissing },
        { 404, """{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}""", FailureKind.ModelMissing },
        { 404, """{"error":{"message":"model 'x' not found","type":"not_found_error","param":null,"code":null}}""", FailureKind.ModelMissing },
        { 404, """{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}""", FailureKind.ModelMissing },
        { 403, """{"error":{"message":"Project does not have access to model x","code":"model_not_found"}}""", FailureKind.ModelMissing },
        { 400, """{"error":{"message":"acme/x is not a valid model ID","code":400}}""", FailureKind.ModelMissing },
        { 404, "404 page not found", FailureKind.BadRequest },
        { 404, "Not Found", FailureKind.BadRequest },
        { 404, "", FailureKind.BadRequest },
        { 404, """{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}""", FailureKind.BadRequest },
        { 400, """{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}""", FailureKind.ContextLengthExceeded },
        { 413, """{"error":{"message":"maximum context length is 8192 tokens"}}""", FailureKind.ContextLengthExceeded },
        { 422, """{"error":{"message":"the model's context length is only 8192 tokens"}}""", FailureKind.ContextLengthExceeded },
        { 400, """{"error":{"code":400,"message":"too long","type":"exceed_context_size_error","n_prompt_tokens":13220,"n_ctx":1024}}""", FailureKind.ContextLengthExceeded },
        { 400, """{"error":"{\"error\":{\"code\":400,\"message\":\"too long\",\"type\":\"exceed_context_size_error\"}}"}""", FailureKind.ContextLengthExceeded },
        { 400, """{"detail":{"error":"embedding_input_too_long","input_index":0,"token_count":9000,"max_length":8192}}""", FailureKind.ContextLengthExceeded },
        { 500, """{"error":{"code":500,"message":"input (16802 tokens) is too large to process. increase the physical batch size","type":"server_error"}}""", FailureKind.ContextLengthExceeded },
        { 400, """{"error":{"message":"filtered","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", FailureKind.ContentFiltered },
        { 400, """{"error":{"message":"rejected","code":"content_policy_violation"}}""", FailureKind.ContentFiltered },
        { 400, """{"error":{"message":"rejected","code":null,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", FailureKind.ContentFiltered },
        { 503, """{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}""", FailureKind.ModelLoading },
        { 503, """{"error":"The model is loading, come back later"}""", FailureKind.ModelLoading },
        { 503, """{"error":{"message":"Model acme/x is currently loading"}}""", FailureKind.ModelLoading },
        { 503, """{"error":{"message":"overloaded","code":"server_is_overloaded"}}""", FailureKind.Overloaded },
        { 503, """{"error":{"message":"Slow down","code":"slow_down"}}""", FailureKind.Overloaded },
        { 503, """{"detail":{"msg":"Server is busy; please try again later.","type":"service_unavailable"}}""", FailureKind.Overloaded },
        { 503, "", FailureKind.Overloaded },
        { 529, "", FailureKind.Overloaded },
        { 498, """{"error":{"message":"Flex tier capacity exceeded","type":"capacity_exceeded"}}""", FailureKind.Overloaded },
        { 500, """{"error":{"message":"Overloaded","type":"overloaded_error"}}""", FailureKind.Overloaded },
        { 429, """{"error":{"message":"The engine is currently overloaded","type":"engine_overloaded_error"}}""", FailureKind.Overloaded },
        { 500, """{"error":{"message":"The server had an error","type":"server_error","code":null}}""", FailureKind.Transient },
        { 500, "", FailureKind.Transient },
        { 502, "<html><h1>502 Bad Gateway</h1></html>", FailureKind.Transient },
        { 503, "<html>maintenance</html>", FailureKind.Transient },
        { 504, "", FailureKind.Transient },
        { 520, "", FailureKind.Transient },
        { 524, "<html/>", FailureKind.Transient },
        { 408, """{"error":{"message":"timeout"}}""", FailureKind.Transient },
        { 409, """{"error":{"message":"conflict"}}""", FailureKind.Transient },
        { 400, """{"error":{"message":"Invalid value for temperature","type":"invalid_request_error"}}""", FailureKind.BadRequest },
        { 405, "", FailureKind.BadRequest },
        { 411, "", FailureKind.BadRequest },
        { 415, "", FailureKind.BadRequest },
        { 422, """{"detail":[{"loc":["body","messages"],"msg":"field required","type":"value_error.missing"}]}""", FailureKind.BadRequest },
        { 400, "<html>proxy</html>", FailureKind.Unknown },
        { 302, "<html>login</html>", FailureKind.Unknown },
        { 501, """{"error":{"code":501,"message":"This server does not support embeddings. Start it with `--embeddings`","type":"not_supported_error"}}""", FailureKind.BadRequest },
        { 500, """{"error":{"code":500,"message":"the current context does not logits computation. skipping","type":"server_error"}}""", FailureKind.BadRequest },
        { 500, """{"error":{"code":500,"message":"[json.exception.parse_error.101] parse error at line 1","type":"server_error"}}""", FailureKind.BadRequest },
        { 500, """{"detail":{"msg":"Error parsing input.","type":"bad_input"}}""", FailureKind.BadRequest },
        { 200, """{"error":{"message":"The server had an error","type":"server_error"}}""", FailureKind.Transient },
        { 200, """{"error":{"message":"upstream","code":502}}""", FailureKind.Transient },
        { 200, """{"error":{"message":"Rate limited upstream","code":429}}""", FailureKind.RateLimited },
        { 200, """{"error":{"message":"no","type":"rate_limit_error"}}""", FailureKind.RateLimited },
        { 200, """{"error":{"message":"no","type":"BadRequestError"}}""", FailureKind.BadRequest },
        { 200, """{"error":{"message":"the engine is overloaded"}}""", FailureKind.Overloaded },
        { 200, """{"error":"something"}""", FailureKind.Unknown },
        { 200, "<html>portal</html>", FailureKind.Unknown },
        { 200, "[]", FailureKind.Unknown },
        { 500, """[{"error":{"message":"high demand","code":500}}]""", FailureKind.Transient },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Classify_EveryKnownAnswer_GivesItsKind(int status, string body, FailureKind expected)
    {
        ProviderFailure failure = Classify(status, body);
        failure.Kind.Should().Be(expected);
        failure.Message.Should().NotBeNullOrWhiteSpace().And.NotContain("<html");
        (status < 400 || failure.Status == status).Should().BeTrue("a refusal keeps its status");
    }

    [Theory]
    [InlineData("This model's maximum context length is 8192 tokens. However, your messages resulted in 9120 tokens.", 9120, 8192)]
    [InlineData("You passed 9120 input tokens and requested 64 output tokens. However, the model's context length is only 8192 tokens, resulting in a maximum input length of 8128 tokens.", 9120, 8192)]
    [InlineData("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4500 in the messages, 500 in the completion).", 4500, 4096)]
    [InlineData("This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens.", 5000, 4096)]
    [InlineData("request (13220 tokens) exceeds the available context size (1024 tokens), try increasing it", 13220, 1024)]
    [InlineData("the input length exceeds the context length", null, null)]
    [InlineData("the prompt has 99999999999 tokens, maximum context length is 99999999999", null, null)]
    public void Classify_PromptTooLong_ReadsTheNumbers(string message, int? prompt, int? window)
    {
        ProviderFailure failure = Classify(400, Error(message));
        failure.Kind.Should().Be(FailureKind.ContextLengthExceeded);
        failure.PromptTokens.Should().Be(prompt);
        failure.ContextWindow.Should().Be(window);
    }

    [Fact]
    public void Classify_PromptTooLongWithFields_PrefersTheFields()
    {
        ProviderFailure failure = Classify(400, """{"error":{"code":400,"message":"too long","type":"exceed_context_size_error","n_prompt_tokens":13220,"n_ctx":1024}}""");
        (failure.PromptTokens, failure.ContextWindow, failure.Code).Should().Be((13220, 1024, "exceed_context_size_error"));
    }

    [Theory]
    [InlineData(501, "not here", ModelCapabilities.Chat, ModelCapabilities.Chat)]
    [InlineData(501, "not here", ModelCapabilities.Rerank, ModelCapabilities.Rerank)]
    [InlineData(501, "This server does not support embeddings", ModelCapabilities.Embeddings, ModelCapabilities.Embeddings)]
    [InlineData(501, "This server does not support reranking", ModelCapabilities.Chat, ModelCapabilities.Rerank)]
    [InlineData(500, "the current context does not logits computation. skipping", ModelCapabilities.Chat, ModelCapabilities.Chat)]
    [InlineData(400, "\\\"x\\\" does not support chat", ModelCapabilities.Chat, ModelCapabilities.Chat)]
    [InlineData(400, "x does not support tools", ModelCapabilities.Chat, ModelCapabilities.Tools)]
    [InlineData(400, "auto tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set", ModelCapabilities.Chat, ModelCapabilities.Tools)]
    [InlineData(500, "image input is not supported - hint: you may need to provide the mmproj", ModelCapabilities.Chat, ModelCapabilities.Vision)]
    [InlineData(400, "x is not a multimodal model", ModelCapabilities.Chat, ModelCapabilities.Vision)]
    [InlineData(400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", ModelCapabilities.Chat, ModelCapabilities.JsonSchema)]
    [InlineData(400, "Unsupported value: 'temperature' does not support 0.2", ModelCapabilities.Chat, ModelCapabilities.None)]
    [InlineData(404, "Not Found", ModelCapabilities.Embeddings, ModelCapabilities.Embeddings)]
    [InlineData(405, "Method Not Allowed", ModelCapabilities.Rerank, ModelCapabilities.Rerank)]
    [InlineData(404, "Not Found", ModelCapabilities.Chat, ModelCapabilities.None)]
    public void Classify_ServerThatLacksSomething_NamesIt(int status, string message, ModelCapabilities asked, ModelCapabilities missing)
    {
        ProviderFailure failure = Classify(status, Error(message), asked);
        failure.Kind.Should().Be(FailureKind.BadRequest);
        failure.MissingCapability.Should().Be(missing);
    }

    [Theory]
    [InlineData("Please try again in 1.412s.", 1412)]
    [InlineData("Please try again in 120ms.", 120)]
    [InlineData("Please try again in 6m0s.", 360_000)]
    [InlineData("Please retry after 20s", 20_000)]
    public void Classify_RateLimitWithTimeInItsText_ReadsIt(string message, double milliseconds) =>
        Classify(429, Error(message)).RetryAfter.Should().Be(TimeSpan.FromMilliseconds(milliseconds));

    [Fact]
    public void Classify_RateLimitWithoutTime_GivesNone() =>
        Classify(429, """{"error":{"message":"Please wait"}}""").RetryAfter.Should().BeNull();

    [Theory]
    [InlineData("""{"error":{"message":"The server had an error","type":"server_error"}}""", FailureKind.ConnectionLost)]
    [InlineData("""{"error":{"code":500,"message":"decode failed","type":"server_error"}}""", FailureKind.ConnectionLost)]
    [InlineData("half a line", FailureKind.ConnectionLost)]
    [InlineData(null, FailureKind.ConnectionLost)]
    [InlineData("""{"error":{"message":"slow down","code":"rate_limit_exceeded"}}""", FailureKind.RateLimited)]
    [InlineData("""{"error":{"message":"too long","code":"context_length_exceeded"}}""", FailureKind.ContextLengthExceeded)]
    [InlineData("""{"error":{"message":"no credit","code":"insufficient_quota"}}""", FailureKind.QuotaExhausted)]
    public async Task Classify_InsideAStream_LosesTheStreamUnlessTheErrorSaysMore(string? data, FailureKind expected)
    {
        await using RawServer server = new(Reply.Sse($"event: error\ndata: {data}"));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (Exception? seen, _) = await provider.CallAsync(streaming: true, TestContext.Current.CancellationToken);
        seen.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(expected);
    }

    [Theory]
    [InlineData("Incorrect API key provided: sk-abcdefgh1234567890.")]
    [InlineData("No access with Bearer abcdefgh1234567890")]
    public void Classify_MessageThatRepeatsTheKey_HidesIt(string message) =>
        Classify(401, Error(message)).Message.Should().NotContain("1234567890").And.Contain("[key]");

    [Fact]
    public void Classify_EndlessMessage_IsCut() =>
        Classify(500, Error(new string('x', 100_000))).Message.Length.Should().BeLessThan(600);

    [Theory]
    [InlineData("{")]
    [InlineData("{\"error\":{\"message\":\"cut")]
    [InlineData("{\"error\":{\"message\":17,\"code\":[],\"type\":{}}}")]
    [InlineData("{\"error\":null,\"detail\":null}")]
    [InlineData("[null]")]
    [InlineData("[7]")]
    [InlineData("\uFFFD\uFFFD")]
    public void Classify_BodyOutOfShape_StillGoesByStatus(string body) => Classify(500, body).Kind.Should().Be(FailureKind.Transient);

    private static ProviderFailure Classify(int status, string body, ModelCapabilities asked = ModelCapabilities.Chat) =>
        ErrorClassifier.Classify(WireError.Read(status, body), asked);

    private static string Error(string message) => "{\"error\":{\"message\":\"" + message + "\"}}";
}
