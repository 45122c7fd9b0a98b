namespace Providers.Tests.Contract;

/// <summary>The small promises of the types that adapters, stores and hosts share.</summary>
public sealed class ContractTests
{
    [Fact]
    public void ModelOptions_WithEveryMistake_NamesEachWithItsKey()
    {
        ModelOptions wrong = new() { ContextWindow = 0, EmbeddingDimensions = 20_000, MemoryFootprint = -1, InputPrice = -1, OutputPrice = -1 };
        wrong.Validate("Providers:Providers:a:Models:m").Select(static e => e.Split(' ')[0]).Should().Equal(
            "Providers:Providers:a:Models:m:ContextWindow", "Providers:Providers:a:Models:m:EmbeddingDimensions", "Providers:Providers:a:Models:m:MemoryFootprint",
            "Providers:Providers:a:Models:m:InputPrice", "Providers:Providers:a:Models:m:OutputPrice");
        new ModelOptions().Validate("k").Should().BeEmpty();
        new ModelOptions { Id = "llama3:8b" }.ToDescriptor("llama3").Id.Should().Be("llama3:8b");
    }

    [Theory]
    [InlineData(FailureKind.Transient, true)]
    [InlineData(FailureKind.RateLimited, true)]
    [InlineData(FailureKind.Overloaded, true)]
    [InlineData(FailureKind.ModelLoading, true)]
    [InlineData(FailureKind.TimedOut, true)]
    [InlineData(FailureKind.ConnectionLost, true)]
    [InlineData(FailureKind.BadRequest, false)]
    [InlineData(FailureKind.AuthFailed, false)]
    [InlineData(FailureKind.Unknown, false)]
    public void Failure_ByItsKind_IsTransientOrNot(FailureKind kind, bool transient) =>
        new ProviderException(new ProviderFailure(kind, "x")).IsTransient.Should().Be(transient);

    [Fact]
    public void Annotations_OnResponseOrMessage_AreFound()
    {
        ChatResponse plain = new(new ChatMessage(ChatRole.Assistant, "x"));
        (plain.GetProvider(), plain.GetAttempts()).Should().Be((null, 0));
        plain.Messages[0].AdditionalProperties = new() { [ResponseAnnotations.Provider] = "inner", [ResponseAnnotations.Attempts] = 2 };
        (plain.GetProvider(), plain.GetAttempts()).Should().Be(("inner", 2));
        plain.AdditionalProperties = new() { [ResponseAnnotations.Provider] = "outer" };
        (plain.GetProvider(), plain.GetAttempts()).Should().Be(("outer", 2));
    }

    [Fact]
    public void Preferences_AppliedToEmbeddingOptions_LeaveTheCallersAlone()
    {
        EmbeddingGenerationOptions own = new() { ModelId = "m" };
        EmbeddingGenerationOptions applied = new RequestPreferences { LocalOnly = true }.ApplyTo(own);
        applied.ModelId.Should().Be("m");
        applied.AdditionalProperties.Should().ContainKey(RequestPreferences.Key);
        own.AdditionalProperties.Should().BeNull();
        new RequestPreferences().ApplyTo((EmbeddingGenerationOptions?)null).AdditionalProperties.Should().ContainKey(RequestPreferences.Key);
    }

    [Fact]
    public void Content_OfEachSort_IsToldApart()
    {
        StreamSemantics.IsContent(new TextContent("")).Should().BeFalse();
        StreamSemantics.IsContent(new TextContent("a")).Should().BeTrue();
        StreamSemantics.IsContent(new TextReasoningContent("")).Should().BeFalse();
        StreamSemantics.IsContent(new TextReasoningContent("") { ProtectedData = "sealed" }).Should().BeTrue();
        StreamSemantics.IsContent(new UsageContent(new UsageDetails())).Should().BeFalse();
        StreamSemantics.IsContent(new DataContent("data:text/plain,x")).Should().BeTrue();
        StreamSemantics.IsContent(null!).Should().BeFalse();
    }

    [Fact]
    public void Outcome_AsText_SaysWhatHappenedAndWhenToComeBack()
    {
        new TargetOutcome("p", "m") { Failure = new ProviderFailure(FailureKind.RateLimited, "slow"), Duration = TimeSpan.FromMilliseconds(12), RetryAfter = TimeSpan.FromSeconds(3) }
            .ToString().Should().Be("p/m: RateLimited after 12 ms (slow); again in 3.0 s");
        new TargetOutcome("p", null) { Skipped = SkipReason.CircuitOpen }.ToString().Should().Be("p: skipped, CircuitOpen");
        new TargetOutcome("p", null) { Duration = TimeSpan.FromMilliseconds(5) }.ToString().Should().Be("p: served after 5 ms");
    }
}
