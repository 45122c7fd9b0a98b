using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Providers.AspNetCore.Errors;
using Providers.Memory;

namespace Providers.AspNetCore.Tests.Errors;

/// <summary>What exceptions of the layers below mean to a client, without a host around them.</summary>
public sealed class FailureTableTests
{
    [Theory]
    [InlineData(FailureKind.ContextLengthExceeded, "context_length_exceeded")]
    [InlineData(FailureKind.ContentFiltered, "content_filter")]
    [InlineData(FailureKind.BadRequest, "invalid_request")]
    [InlineData(FailureKind.ModelMissing, "model_not_found")]
    [InlineData(FailureKind.TimedOut, "timeout")]
    [InlineData(FailureKind.BudgetExhausted, "budget_exhausted")]
    [InlineData(FailureKind.Transient, "no_provider_available")]
    [InlineData(FailureKind.AuthFailed, "no_provider_available")]
    public void NoProvider_AllForOneReason_SaysTheReasonWhereTheCallerCanMendIt(FailureKind kind, string code) =>
        FailureTable.Of(None(null, Failed("a", kind), Failed("b", kind))).Code.Should().Be(code);

    [Fact]
    public void NoProvider_ForSeveralReasons_IsOne()
    {
        ApiError error = FailureTable.Of(None(TimeSpan.FromSeconds(7), Failed("a", FailureKind.TimedOut), Failed("b", FailureKind.BadRequest)));
        (error.Code, error.RetryAfter, error.Exhausted).Should().Be(("no_provider_available", TimeSpan.FromSeconds(7), false));
        error = FailureTable.Of(None(null, Failed("a", FailureKind.TimedOut), Failed("b", FailureKind.BadRequest)));
        (error.RetryAfter, error.Exhausted).Should().Be((TimeSpan.FromSeconds(1), true));
    }

    [Theory]
    [InlineData(SkipReason.MissingCapability, SkipReason.ContextTooSmall, "unsupported")]
    [InlineData(SkipReason.MissingCapability, SkipReason.CircuitOpen, "no_provider_available")]
    [InlineData(SkipReason.GateOff, SkipReason.GateOff, "no_provider_available")]
    public void NoProvider_NobodyAsked_SaysWhetherAnybodyCould(SkipReason one, SkipReason other, string code) =>
        FailureTable.Of(None(null, new TargetOutcome("a", "m") { Skipped = one }, new TargetOutcome("b", "m") { Skipped = other })).Code.Should().Be(code);

    [Fact]
    public void NoProvider_WithoutTargets_IsUnavailable() => FailureTable.Of(None(null)).Code.Should().Be("no_provider_available");

    [Fact]
    public void Waits_TheServerDidNotName_AreOurs()
    {
        RetryOf(FailureKind.RateLimited).Should().Be(TimeSpan.FromSeconds(1));
        RetryOf(FailureKind.Overloaded).Should().Be(TimeSpan.FromSeconds(1));
        RetryOf(FailureKind.ModelLoading).Should().Be(TimeSpan.FromSeconds(5));
        RetryOf(FailureKind.BudgetExhausted).Should().Be(TimeSpan.FromMinutes(1));
        static TimeSpan? RetryOf(FailureKind kind) => FailureTable.Of(new ProviderFailure(kind, "x")).RetryAfter;
    }

    /// <summary>Every kind, with what the client is told; none repeats the server's words.</summary>
    [Theory]
    [InlineData(FailureKind.RateLimited, "rate_limit_exceeded", "The model servers take no more requests now.", false, null)]
    [InlineData(FailureKind.BudgetExhausted, "budget_exhausted", "The budget for these requests is used up; Retry-After says when the next begins.", true, null)]
    [InlineData(FailureKind.Overloaded, "overloaded", "The model servers are full.", true, null)]
    [InlineData(FailureKind.ModelLoading, "model_loading", "The model is being loaded.", false, null)]
    [InlineData(FailureKind.ModelMissing, "model_not_found", "There is no such model or route.", false, "model")]
    [InlineData(FailureKind.ContextLengthExceeded, "context_length_exceeded", "The prompt is longer than the model's context.", false, "messages")]
    [InlineData(FailureKind.ContentFiltered, "content_filter", "The provider's content policy refused the request or its answer.", false, null)]
    [InlineData(FailureKind.BadRequest, "invalid_request", "The model server refused the request as wrong.", false, null)]
    [InlineData(FailureKind.TimedOut, "timeout", "The model servers did not answer in time.", true, null)]
    [InlineData(FailureKind.Cancelled, "client_closed_request", "The request was cancelled.", false, null)]
    [InlineData(FailureKind.AuthFailed, "provider_failed", "The model servers could not answer. The operator finds the cause under this trace id.", true, null)]
    [InlineData(FailureKind.Unknown, "provider_failed", "The model servers could not answer. The operator finds the cause under this trace id.", true, null)]
    public void Failure_OfEachKind_IsToldInOurWords(FailureKind kind, string code, string detail, bool exhausted, string? parameter)
    {
        ApiError error = FailureTable.Of(new ProviderFailure(kind, "the server's words"));
        (error.Code, error.Detail, error.Exhausted, error.Parameter).Should().Be((code, detail, exhausted, parameter));
    }

    [Fact]
    public void Failure_ThatSaysHowLongToWait_IsBelieved()
    {
        foreach (FailureKind kind in (FailureKind[])[FailureKind.RateLimited, FailureKind.BudgetExhausted, FailureKind.Overloaded, FailureKind.ModelLoading])
        {
            FailureTable.Of(new ProviderFailure(kind, "x") { RetryAfter = TimeSpan.FromSeconds(42) }).RetryAfter.Should().Be(TimeSpan.FromSeconds(42), kind.ToString());
        }
    }

    [Fact]
    public void Details_SayTheNumbersThatAreKnown()
    {
        FailureTable.Of(new ProviderFailure(FailureKind.ContextLengthExceeded, "x") { PromptTokens = 9, ContextWindow = 8 }).Detail.Should().Be("The prompt has 9 tokens; the model's context holds 8.");
        FailureTable.Of(new ProviderFailure(FailureKind.ContextLengthExceeded, "x") { ContextWindow = 8 }).Detail.Should().Be("The prompt is longer than the model's context of 8 tokens.");
        FailureTable.Of(new ProviderFailure(FailureKind.ContextLengthExceeded, "x")).Detail.Should().Be("The prompt is longer than the model's context.");
        FailureTable.Of(new ProviderFailure(FailureKind.BadRequest, "x") { MissingCapability = ModelCapabilities.Vision }).Detail.Should().Be("The model lacks Vision.");
        FailureTable.Of(new ProviderFailure(FailureKind.Cancelled, "x")).Code.Should().Be("client_closed_request");
        FailureTable.Of(new ProviderException(new ProviderFailure(FailureKind.Transient, "x"), "p", "m") { OutputCommitted = true }).Code.Should().Be("stream_interrupted");
    }

    [Fact]
    public void Conflicts_SayWhichVersionWasThere()
    {
        FailureTable.Of(new MemoryConflictException(0, "i", 3, null)).Code.Should().Be("not_found");
        FailureTable.Of(new MemoryConflictException(0, "i", 0, 4)).Detail.Should().Contain("exists already, at version 4");
        FailureTable.Of(new MemoryConflictException(0, "i", 3, 4)).Detail.Should().Contain("at version 4; version 3 was expected");
    }

    [Fact]
    public void Mapper_KnownExceptions_HaveTheirCodes()
    {
        using CancellationTokenSource left = new();
        left.Cancel();
        CodeOf(new OperationCanceledException(), left.Token).Should().Be("client_closed_request");
        CodeOf(new OperationCanceledException()).Should().Be("timeout");
        CodeOf(new TimeoutException()).Should().Be("timeout");
        CodeOf(new JsonException("x")).Should().Be("invalid_json");
        CodeOf(new MemoryUnavailableException("x")).Should().Be("store_unavailable");
        ErrorMapper.Map(new MemoryUnavailableException("x", null, outcomeUnknown: true), default)!.Detail.Should().Contain("whether it happened is not known");
        CodeOf(new MemoryQuotaException("s", 1, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(2))).Should().Be("rate_limit_exceeded");
        CodeOf(new MemoryValidationException(["cursor: is torn"])).Should().Be("invalid_cursor");
        CodeOf(new MemoryValidationException(["idempotency_key: was used for other changes"])).Should().Be("idempotency_mismatch");
        CodeOf(new MemoryValidationException(["text: has 9 bytes of UTF-8; 8 are allowed."])).Should().Be("body_too_large");
        CodeOf(new MemoryValidationException(["something is wrong"])).Should().Be("validation_failed");
        CodeOf(new BadHttpRequestException("x", 413)).Should().Be("body_too_large");
        CodeOf(new BadHttpRequestException("x", 408)).Should().Be("request_timeout");
        CodeOf(new BadHttpRequestException("x", 400)).Should().Be("invalid_request");
        ErrorMapper.Map(new InvalidOperationException("x"), default).Should().BeNull();
        static string CodeOf(Exception e, CancellationToken aborted = default) => ErrorMapper.Map(e, aborted)!.Code;
    }

    [Theory]
    [InlineData(400, "invalid_request")]
    [InlineData(401, "invalid_api_key")]
    [InlineData(403, "forbidden")]
    [InlineData(404, "not_found")]
    [InlineData(405, "method_not_allowed")]
    [InlineData(406, "not_acceptable")]
    [InlineData(408, "request_timeout")]
    [InlineData(413, "body_too_large")]
    [InlineData(415, "unsupported_media_type")]
    [InlineData(418, "invalid_request")]
    [InlineData(431, "headers_too_large")]
    [InlineData(500, "internal_error")]
    [InlineData(501, "internal_error")]
    [InlineData(503, "overloaded")]
    public void StatusesOfOthers_HaveACodeOfOurs(int status, string code) => ErrorCatalogue.CodeOf(status).Should().Be(code);

    private static TargetOutcome Failed(string provider, FailureKind kind) => new(provider, "m") { Failure = new ProviderFailure(kind, "x") };

    private static NoProvidersAvailableException None(TimeSpan? retryAfter, params TargetOutcome[] targets) => new("r", targets, retryAfter);
}
