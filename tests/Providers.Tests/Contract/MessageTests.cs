using Microsoft.Extensions.Configuration;
using Providers.Tools;

namespace Providers.Tests.Contract;

/// <summary>What the contract's exceptions and reports say to whoever reads a log: who, what, with which numbers.</summary>
public sealed class MessageTests
{
    private static readonly ProviderFailure s_slow = new(FailureKind.RateLimited, "slow down") { Status = 429 };

    [Theory]
    [InlineData(null, null, "The request failed (RateLimited, HTTP 429): slow down")]
    [InlineData("p", null, "Provider 'p' failed (RateLimited, HTTP 429): slow down")]
    [InlineData("p", "m", "Provider 'p' (model 'm') failed (RateLimited, HTTP 429): slow down")]
    public void ProviderException_SaysWhoFailedAndHow(string? provider, string? model, string message)
    {
        ProviderException error = new(s_slow, provider, model);
        error.Message.Should().Be(message);
        (error.Kind, error.Provider, error.Model, error.OutputCommitted, error.Attempts.Count, error.PartialResponse).Should().Be((FailureKind.RateLimited, provider, model, false, 0, null));
        new ProviderException(new ProviderFailure(FailureKind.TimedOut, "late"), "p").Message.Should().Be("Provider 'p' failed (TimedOut): late");
    }

    [Fact]
    public void NoProviders_NamesEveryTargetAndWhenToComeBack()
    {
        TargetOutcome[] targets =
        [
            new("p", "m") { Failure = s_slow, Duration = TimeSpan.FromMilliseconds(12.4), RetryAfter = TimeSpan.FromSeconds(3) },
            new("p", "m") { Failure = s_slow, Duration = TimeSpan.FromMilliseconds(5) },
            new("q", null) { Skipped = SkipReason.CircuitOpen },
            new("r", null) { Duration = TimeSpan.FromMilliseconds(7) },
        ];
        NoProvidersAvailableException error = new("chat", targets, TimeSpan.FromSeconds(2.28));
        error.Message.Should().Be("None of the 3 targets of route 'chat' could serve the request. The next may be tried in 2.3 s. "
            + "p/m: RateLimited after 12 ms (slow down); again in 3.0 s | p/m: RateLimited after 5 ms (slow down) | q: skipped, CircuitOpen | r: served after 7 ms");
        new NoProvidersAvailableException("chat", targets[2..3]).Message.Should().Be("None of the 1 targets of route 'chat' could serve the request. q: skipped, CircuitOpen");
        FluentActions.Invoking(() => new NoProvidersAvailableException(null!, targets)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => new NoProvidersAvailableException("chat", null!)).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void ModelOptions_OutOfRange_SaysTheNumberAndTheRange()
    {
        new ModelOptions { ContextWindow = 0, EmbeddingDimensions = 16_385, MemoryFootprint = -1, InputPrice = -0.5m, OutputPrice = -2 }.Validate("k").Should().Equal(
            "k:ContextWindow is 0; it must be at least 1 token, or left out when unknown.",
            "k:EmbeddingDimensions is 16385; it must be 1 to 16384, or left out when unknown.",
            "k:MemoryFootprint is -1 bytes; it cannot be negative.",
            "k:InputPrice is -0.5; it cannot be negative.",
            "k:OutputPrice is -2; it cannot be negative.");
        new ModelOptions { ContextWindow = 1, EmbeddingDimensions = 16_384, MemoryFootprint = 0, InputPrice = 0, OutputPrice = 0 }.Validate("k").Should().BeEmpty();
        new ModelOptions { EmbeddingDimensions = 1 }.Validate("k").Should().BeEmpty();
        new ModelOptions { EmbeddingDimensions = 0 }.Validate("k").Should().ContainSingle();
    }

    [Fact]
    public void Evidence_IsOneLineInEveryCulture() =>
        new CanaryEvidence(100, 7, 1_000, 3) { CanaryP95 = TimeSpan.FromMilliseconds(250.6), StableP95 = TimeSpan.FromMilliseconds(90), ErrorProbability = 0.00123, LatencyProbability = 0.5 }.ToString()
            .Should().Be("canary 7 of 100 failed, p95 251 ms; stable 3 of 1000 failed, p95 90 ms; p(errors) 0.0012, p(latency) 0.5");

    [Theory]
    [InlineData(ToolErrorCode.InvalidInput, "invalid_input")]
    [InlineData(ToolErrorCode.NotFound, "not_found")]
    [InlineData(ToolErrorCode.Conflict, "conflict")]
    [InlineData(ToolErrorCode.RateLimited, "rate_limited")]
    [InlineData(ToolErrorCode.Unavailable, "unavailable")]
    [InlineData(ToolErrorCode.PermissionDenied, "permission_denied")]
    public void ToolError_IsSpelledAsDoorsWriteIt(ToolErrorCode code, string name) => new ToolException(code, "x").CodeName.Should().Be(name);

    [Fact]
    public void Unusable_Section_NamesTheKeyThatCannotBeRead()
    {
        IConfigurationSection section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["P:a:Timeout"] = "soon" }).Build().GetSection("P:a");
        ProviderRegistration.Unusable("a", "K", section, new InvalidOperationException("Failed to convert configuration value at 'P:a:Timeout' to type 'TimeSpan'.")).Errors
            .Should().Equal("Timeout cannot be read: Failed to convert configuration value at 'P:a:Timeout' to type 'TimeSpan'.");
        ProviderRegistration odd = ProviderRegistration.Unusable("a", "K", section, new InvalidOperationException("Something else."));
        odd.Errors.Should().Equal("The section cannot be read: Something else.");
        FluentActions.Invoking(() => odd.Create(null!)).Should().Throw<InvalidOperationException>().WithMessage("Provider 'a' cannot be made: The section cannot be read: Something else.");
    }

    [Fact]
    public void Fingerprint_IsOfKeysAndValuesWhateverTheirOrder()
    {
        string Of(params (string Key, string Value)[] values) => ProviderRegistration.FingerprintOf(
            new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(static v => "P:a:" + v.Key, static v => (string?)v.Value)).Build().GetSection("P:a"));
        string one = Of(("A", "1"), ("B", "2"));
        Of(("B", "2"), ("A", "1")).Should().Be(one);
        one.Should().MatchRegex("^[0-9a-f]{64}$");
        new[] { Of(("A", "1")), Of(("A", "2"), ("B", "1")), Of(("A", "12"), ("B", "")), Of(("A", "1"), ("C", "2")) }.Should().NotContain(one).And.OnlyHaveUniqueItems();
    }
}
