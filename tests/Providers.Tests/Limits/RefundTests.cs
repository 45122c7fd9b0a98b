using Providers.Tests.Support;

namespace Providers.Tests.Limits;

/// <summary>What was reserved for a request that the server refused is given back; what may have been used stays charged.</summary>
public sealed class RefundTests
{
    [Theory]
    [InlineData(FailureKind.RateLimited, true)]
    [InlineData(FailureKind.Overloaded, true)]
    [InlineData(FailureKind.ModelLoading, true)]
    [InlineData(FailureKind.ModelMissing, true)]
    [InlineData(FailureKind.AuthFailed, true)]
    [InlineData(FailureKind.QuotaExhausted, true)]
    [InlineData(FailureKind.BadRequest, true)]
    [InlineData(FailureKind.ContextLengthExceeded, true)]
    [InlineData(FailureKind.Transient, false)]
    [InlineData(FailureKind.ConnectionLost, false)]
    [InlineData(FailureKind.TimedOut, false)]
    [InlineData(FailureKind.InvalidResponse, false)]
    public async Task Tokens_OfAFailedRequest_ComeBackWhenItWasRefused(FailureKind kind, bool refunded)
    {
        FakeProvider first = new FakeProvider("first").Fails(kind, TimeSpan.Zero, times: 1);
        await using TestComposite composite = new([first, new FakeProvider("second")], o =>
        {
            o.Retry.MaxRetries = 0;
            o.Providers["first"] = new ProviderOptions { TokensPerMinute = 100, RequestsPerMinute = 2 };
            o.Failures[kind] = new FailureRule { FailOver = true, Trips = false, Pause = TimeSpan.Zero };
        });
        ChatOptions wordy = new() { MaxOutputTokens = 80 };
        try
        {
            await composite.AskAsync(wordy);
        }
        catch (ProviderException e)
        {
            e.Kind.Should().Be(FailureKind.ContextLengthExceeded, "there is no larger context to go to");
        }

        (await composite.AskAsync(wordy)).GetProvider().Should().Be(refunded ? "first" : "second");
        first.Calls.Should().HaveCount(refunded ? 2 : 1);
        if (kind is FailureKind.RateLimited)
        {
            (await composite.AskAsync()).GetProvider().Should().Be("first", "the limited request was given back too");
        }
    }
}
