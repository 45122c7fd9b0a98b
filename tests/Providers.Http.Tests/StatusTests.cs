namespace Providers.Http.Tests;

/// <summary>What an error means without an adapter's own table, in every shape servers use for errors.</summary>
public sealed class StatusTests
{
    [Theory]
    [InlineData(429, """{"error":{"message":"no credit","code":"insufficient_quota"}}""", FailureKind.QuotaExhausted)]
    [InlineData(403, """{"error":{"message":"no credit","type":"credit_balance_exhausted"}}""", FailureKind.QuotaExhausted)]
    [InlineData(402, """{"error":{"message":"pay","code":"billing_hard_limit_reached"}}""", FailureKind.QuotaExhausted)]
    [InlineData(402, "", FailureKind.QuotaExhausted)]
    [InlineData(400, """{"error":{"message":"long","code":"context_length_exceeded"}}""", FailureKind.ContextLengthExceeded)]
    [InlineData(413, """{"error":{"message":"This model's maximum context length is 8192 tokens"}}""", FailureKind.ContextLengthExceeded)]
    [InlineData(400, """{"error":"{\"error\":{\"code\":400,\"message\":\"request too long\",\"type\":\"exceed_context_size_error\"}}"}""", FailureKind.ContextLengthExceeded)]
    [InlineData(422, """{"message":"the context length is only 2048"}""", FailureKind.ContextLengthExceeded)]
    [InlineData(500, """{"error":"input is too large to process"}""", FailureKind.ContextLengthExceeded)]
    [InlineData(400, "exceed_context_size_error", FailureKind.ContextLengthExceeded)]
    [InlineData(400, """{"error":{"message":"no","code":"content_policy_violation"}}""", FailureKind.ContentFiltered)]
    [InlineData(400, """{"error":{"message":"no","type":"content_filter"}}""", FailureKind.ContentFiltered)]
    [InlineData(400, """{"error":{"message":"no","code":"ResponsibleAIPolicyViolation"}}""", FailureKind.ContentFiltered)]
    [InlineData(400, """{"error":{"message":"no","code":"invalid_api_key"}}""", FailureKind.AuthFailed)]
    [InlineData(500, """{"error":{"message":"no","type":"authentication_error"}}""", FailureKind.AuthFailed)]
    [InlineData(401, "", FailureKind.AuthFailed)]
    [InlineData(403, "", FailureKind.AuthFailed)]
    [InlineData(404, """{"error":{"message":"gone","code":"model_not_found"}}""", FailureKind.ModelMissing)]
    [InlineData(404, """["model x not found"]""", FailureKind.ModelMissing)]
    [InlineData(404, "Not Found", FailureKind.BadRequest)]
    [InlineData(408, "", FailureKind.Transient)]
    [InlineData(409, "", FailureKind.Transient)]
    [InlineData(429, "", FailureKind.RateLimited)]
    [InlineData(503, """{"error":{"message":"wait","type":"unavailable_error","code":503}}""", FailureKind.ModelLoading)]
    [InlineData(503, "the model is loading", FailureKind.ModelLoading)]
    [InlineData(503, "<html>upstream</html>", FailureKind.Transient)]
    [InlineData(503, """{"detail":"busy"}""", FailureKind.Overloaded)]
    [InlineData(498, "", FailureKind.Overloaded)]
    [InlineData(529, "", FailureKind.Overloaded)]
    [InlineData(501, "", FailureKind.BadRequest)]
    [InlineData(500, "the current context does not logits computation. skipping", FailureKind.BadRequest)]
    [InlineData(500, "[json.exception.parse_error.101]", FailureKind.BadRequest)]
    [InlineData(500, """{"detail":{"msg":"bad","type":"bad_input"}}""", FailureKind.BadRequest)]
    [InlineData(500, "boom", FailureKind.Transient)]
    [InlineData(504, "<html>", FailureKind.Transient)]
    [InlineData(400, "<html>", FailureKind.Unknown)]
    [InlineData(422, "{}", FailureKind.BadRequest)]
    [InlineData(302, "", FailureKind.Unknown)]
    public void Status_WithItsBody_HasAKind(int status, string body, FailureKind kind)
    {
        ProviderFailure failure = StatusTable.Classify(WireError.Read(status, body));
        failure.Kind.Should().Be(kind);
        failure.Message.Should().NotBeNullOrWhiteSpace().And.NotContain("<html");
    }

    [Theory]
    [InlineData("""{"error":{"message":"slow","code":"rate_limit_exceeded"}}""", FailureKind.RateLimited)]
    [InlineData("""{"error":{"message":"we are overloaded"}}""", FailureKind.Overloaded)]
    [InlineData("""{"error":{"message":"died"}}""", FailureKind.ConnectionLost)]
    [InlineData("""{"error":{"message":"died","code":500}}""", FailureKind.ConnectionLost)]
    [InlineData("""{"error":{"message":"busy","code":503}}""", FailureKind.Overloaded)]
    [InlineData("", FailureKind.ConnectionLost)]
    public void Event_InsideAStream_HasAKind(string body, FailureKind kind) =>
        StatusTable.Classify(WireError.Read(200, body) with { InStream = true }).Kind.Should().Be(kind);

    [Theory]
    [InlineData("""{"error":{"message":"m","code":"c","type":"t"}}""", "m", "c", "t")]
    [InlineData("""{"error":{"code":7},"message":"outer"}""", "outer", null, null)]
    [InlineData("""{"error":null,"message":"m"}""", "m", null, null)]
    [InlineData("""{"error":false,"msg":"m"}""", "m", null, null)]
    [InlineData("""{"detail":["first","second"]}""", "first", null, null)]
    [InlineData("""{"detail":[]}""", null, null, null)]
    [InlineData("""{"error":true}""", null, null, null)]
    [InlineData("\"just text\"", "just text", null, null)]
    [InlineData("{\"cut\":", "{\"cut\":", null, null)]
    [InlineData("{}", null, null, null)]
    [InlineData("two\nlines", "two lines", null, null)]
    public void Text_InEveryShape_IsFound(string body, string? message, string? code, string? type)
    {
        WireError error = WireError.Read(400, body);
        (error.Message, error.Code, error.Type).Should().Be((message, code, type));
    }

    [Fact]
    public void Text_LongOrWithAKey_IsMadeFit()
    {
        WireError.Read(400, new string('x', 2_000)).Message.Should().HaveLength(503).And.EndWith("...");
        WireError.Read(401, "Incorrect API key provided: sk-abcdef123456.").Message.Should().NotContain("abcdef");
        WireError.Read(429, "Please try again in 1h2m3.5s.").RetryAfter.Should().Be(new TimeSpan(0, 1, 2, 3, 500));
        WireError.Read(429, "never").RetryAfter.Should().BeNull();
        WireError.Read(429, "").RetryAfter.Should().BeNull();
    }

    [Theory]
    [InlineData("""{"error":{"code":400,"message":"long","type":"exceed_context_size_error","n_prompt_tokens":13220,"n_ctx":1024}}""", "exceed_context_size_error", 13220, 1024)]
    [InlineData("""{"detail":{"error":"embedding_input_too_long","input_index":0,"token_count":9000,"max_length":8192}}""", "embedding_input_too_long", 9000, 8192)]
    [InlineData("""{"error":"name","message":"m"}""", "name", null, null)]
    [InlineData("""{"error":{"message":"m","code":null,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", "ResponsibleAIPolicyViolation", null, null)]
    [InlineData("""{"error":{"message":"m","innererror":7}}""", null, null, null)]
    [InlineData("""{"error":{"message":"m","n_ctx":1e99}}""", null, null, null)]
    [InlineData("""{"error":null,"errors":[{"message":"m","code":"c"}]}""", "c", null, null)]
    public void Fields_BesideTheMessage_AreRead(string body, string? code, int? prompt, int? window)
    {
        WireError error = WireError.Read(400, body);
        (error.Code ?? error.Type, error.PromptTokens, error.ContextWindow).Should().Be((code, prompt, window));
    }

    [Theory]
    [InlineData(200, """{"error":{"message":"m","code":429}}""", 429)]
    [InlineData(200, """{"error":{"message":"m","status":503}}""", 503)]
    [InlineData(200, """{"error":{"message":"m","code":7}}""", 200)]
    [InlineData(400, """{"error":{"message":"m","code":429}}""", 400)]
    public void Status_NamedByTheBody_CountsOnlyInsideAGoodAnswer(int status, string body, int expected) => WireError.Read(status, body).Status.Should().Be(expected);

    [Fact]
    public void Status_WithoutMessage_SaysWhichAndWhatToCheck()
    {
        StatusTable.Classify(new WireError(502, "<html>") { IsPage = true }).Message.Should().Contain("web page");
        StatusTable.Classify(new WireError(502, "")).Message.Should().Contain("502");
        StatusTable.Classify(new WireError(200, "") { InStream = true }).Message.Should().Contain("without a message");
    }
}
