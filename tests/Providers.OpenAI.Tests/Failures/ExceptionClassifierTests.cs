using System.ClientModel;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;

namespace Providers.OpenAI.Tests.Failures;

/// <summary>What the SDK and the HTTP stack are known to throw, as it is seen from outside.</summary>
public sealed class ExceptionClassifierTests
{
    public static TheoryData<Exception, FailureKind, string> Rows => new()
    {
        { new ClientResultException("x", null, new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.ConnectionRefused))), FailureKind.ConnectionLost, "*refused*" },
        { new AggregateException("Retry failed after 4 tries", new HttpRequestException("a"), new ClientResultException("b", null, new HttpRequestException(HttpRequestError.NameResolutionError, "x"))), FailureKind.ConnectionLost, "*resolve*" },
        { new AggregateException(), FailureKind.Unknown, "AggregateException*" },
        { new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.HostUnreachable)), FailureKind.ConnectionLost, "*HostUnreachable*" },
        { new HttpRequestException(HttpRequestError.ConnectionError, "x"), FailureKind.ConnectionLost, "*no reason*" },
        { new HttpRequestException(HttpRequestError.SecureConnectionError, "x", new AuthenticationException("x")), FailureKind.ConnectionLost, "*TLS*" },
        { new HttpRequestException("x", new AuthenticationException("x")), FailureKind.ConnectionLost, "*TLS*" },
        { new HttpRequestException(HttpRequestError.ResponseEnded, "x"), FailureKind.ConnectionLost, "*before its answer*" },
        { new HttpRequestException("x", new IOException("x", new SocketException((int)SocketError.ConnectionReset))), FailureKind.ConnectionLost, "*ConnectionReset*" },
        { new HttpRequestException("x", null, HttpStatusCode.Unauthorized), FailureKind.AuthFailed, "*key*" },
        { new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded, "x"), FailureKind.InvalidResponse, "*longer*" },
        { new HttpIOException(HttpRequestError.ResponseEnded), FailureKind.ConnectionLost, "*before its answer*" },
        { new IOException("x"), FailureKind.ConnectionLost, "*Unknown*" },
        { new TaskCanceledException("x", new TimeoutException("late")), FailureKind.TimedOut, "late" },
        { new TaskCanceledException("x"), FailureKind.Cancelled, "*cancelled*" },
        { new ClientResultException("x", null, null), FailureKind.ConnectionLost, "*no answer*" },
        { new JsonException("x"), FailureKind.InvalidResponse, "*JsonException*" },
        { new ArgumentOutOfRangeException("index"), FailureKind.InvalidResponse, "*ArgumentOutOfRange*" },
        { new InvalidOperationException("x"), FailureKind.InvalidResponse, "*" },
        { new InvalidDataException("too long"), FailureKind.InvalidResponse, "too long" },
        { new NotSupportedException("audio"), FailureKind.BadRequest, "*audio*" },
        { new ArgumentException("odd"), FailureKind.BadRequest, "*odd*" },
        { new ProviderException(new ProviderFailure(FailureKind.Overloaded, "full")), FailureKind.Overloaded, "full" },
        { new InsufficientMemoryException("key sk-1234567890"), FailureKind.Unknown, "*[[]key]*" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Classify_EveryKnownException_GivesItsKind(Exception exception, FailureKind expected, string message)
    {
        await using OpenAIProvider provider = new("o", new OpenAIProviderOptions { ApiKey = "k" });
        ProviderFailure failure = provider.Classify(exception);
        failure.Kind.Should().Be(expected);
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(message.Replace("[[]", "[", StringComparison.Ordinal), failure.Message).Should().BeTrue($"'{failure.Message}' must be like '{message}'");
    }

    [Fact]
    public void Classify_Nothing_IsRefused()
    {
        OpenAIProvider provider = new("o", new OpenAIProviderOptions { ApiKey = "k" });
        provider.Invoking(p => p.Classify(null!)).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void Relay_OfACancellation_NamesTheCallersToken()
    {
        using CancellationTokenSource cancel = new();
        cancel.Cancel();
        FailureRelay relay = new("o");
        OperationCanceledException own = new(cancel.Token);
        relay.Relay(own, "m", cancel.Token).Should().BeSameAs(own);
        relay.Relay(new IOException("x"), "m", cancel.Token).Should().BeOfType<OperationCanceledException>().Which.CancellationToken.Should().Be(cancel.Token);
    }

    [Fact]
    public void Relay_OfACancellationThatIsNotTheCallers_IsATimeout() =>
        new FailureRelay("o").Relay(new TaskCanceledException("x"), "m", CancellationToken.None).Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.TimedOut);
}
