using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;

namespace Providers.Http.Tests;

public sealed class ClassifierTests
{
    public static TheoryData<Exception, FailureKind> Exceptions => new()
    {
        { new AggregateException("Retry failed", new InvalidOperationException("x", new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.ConnectionRefused)))), FailureKind.ConnectionLost },
        { new HttpRequestException(HttpRequestError.NameResolutionError, "x"), FailureKind.ConnectionLost },
        { new HttpRequestException(HttpRequestError.SecureConnectionError, "x", new AuthenticationException()), FailureKind.ConnectionLost },
        { new HttpRequestException(HttpRequestError.Unknown, "x", new AuthenticationException()), FailureKind.ConnectionLost },
        { new HttpIOException(HttpRequestError.ResponseEnded), FailureKind.ConnectionLost },
        { new IOException("x", new SocketException((int)SocketError.ConnectionReset)), FailureKind.ConnectionLost },
        { new HttpRequestException("x", null, HttpStatusCode.ServiceUnavailable), FailureKind.Overloaded },
        { new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded, "x"), FailureKind.InvalidResponse },
        { new TaskCanceledException("x", new TimeoutException()), FailureKind.TimedOut },
        { new TaskCanceledException("x"), FailureKind.TimedOut },
        { new JsonException("x"), FailureKind.InvalidResponse },
        { new InvalidDataException("x"), FailureKind.InvalidResponse },
        { new InvalidOperationException("x", new ProviderException(new ProviderFailure(FailureKind.QuotaExhausted, "x"))), FailureKind.QuotaExhausted },
        { new InvalidOperationException("x"), FailureKind.Unknown },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void Classify_WrappedInAnything_FindsTheCause(Exception exception, FailureKind kind) =>
        FailureClassifier.Classify(exception, null, CancellationToken.None).Kind.Should().Be(kind);

    [Fact]
    public void Classify_CallerCancelled_IsCancelledAndSaysByWhom() =>
        FailureClassifier.Classify(new IOException(), null, new CancellationToken(true)).Should().Be(new ProviderFailure(FailureKind.Cancelled, "The caller cancelled the request."));

    [Fact]
    public void Classify_Nothing_IsRefused() => FluentActions.Invoking(static () => FailureClassifier.Classify(null!)).Should().Throw<ArgumentNullException>();

    [Fact]
    public void Classify_OwnRule_ComesFirst() =>
        FailureClassifier.Classify(new IOException(), static _ => new ProviderFailure(FailureKind.ModelMissing, "x"), CancellationToken.None).Kind.Should().Be(FailureKind.ModelMissing);

    [Theory]
    [InlineData("http://127.0.0.1:8080/v1", true)]
    [InlineData("https://user:secret@example.test", false)]
    [InlineData("ftp://example.test", false)]
    [InlineData("/v1", false)]
    public void Endpoint_Checked_TellsWhatIsWrong(string address, bool good)
    {
        string? error = EndpointPolicy.Check(new Uri(address, UriKind.RelativeOrAbsolute), "Endpoint");
        (error is null).Should().Be(good);
        error?.Should().NotContain("secret");
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.1.1", true)]
    [InlineData("169.254.1.1", true)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("8.8.8.8", false)]
    [InlineData("2001:db8::1", false)]
    public void Address_Private_IsTold(string address, bool isPrivate) => EndpointPolicy.IsPrivate(IPAddress.Parse(address)).Should().Be(isPrivate);

    [Fact]
    public void Guard_TimerOfZero_IsRefused()
    {
        Action act = static () => new GuardHandler(new GuardOptions { IdleTimeout = TimeSpan.Zero }).Dispose();
        act.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*IdleTimeout*");
    }

    [Fact]
    public void Guard_LifetimeTooLong_IsRefused()
    {
        Action act = static () => new GuardHandler(new GuardOptions { PooledConnectionLifetime = TimeSpan.FromHours(1) }).Dispose();
        act.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Guard_OptionsAtTheirEnds_AreTaken()
    {
        Taken(static _ => { });
        Taken(static o => o.ConnectTimeout = o.FirstByteTimeout = o.IdleTimeout = o.PooledConnectionIdleTimeout = TimeSpan.FromTicks(1));
        Taken(static o => o.ConnectTimeout = o.FirstByteTimeout = o.IdleTimeout = o.PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan);
        Taken(static o => o.TrailerGrace = TimeSpan.Zero);
        Taken(static o => o.MaxErrorBody = o.MaxBody = o.MaxLine = 1_024);
        Taken(static o => o.MaxConnections = 1);
        Taken(static o => o.PooledConnectionLifetime = TimeSpan.FromMinutes(2));
        Taken(static o => o.PooledConnectionLifetime = TimeSpan.FromMinutes(15));

        static void Taken(Action<GuardOptions> change)
        {
            GuardOptions options = new();
            change(options);
            options.Validated().Should().NotBeSameAs(options, "what is changed afterwards changes nothing").And.BeEquivalentTo(options);
        }
    }

    [Fact]
    public void Guard_OptionsBeyondTheirEnds_AreRefusedByName()
    {
        Refused(static o => o.ConnectTimeout = TimeSpan.Zero, nameof(GuardOptions.ConnectTimeout), "ConnectTimeout is 00:00:00; it must be more than zero, or Timeout.InfiniteTimeSpan for none.*");
        Refused(static o => o.FirstByteTimeout = TimeSpan.FromTicks(-1), nameof(GuardOptions.FirstByteTimeout));
        Refused(static o => o.IdleTimeout = TimeSpan.FromMilliseconds(-2), nameof(GuardOptions.IdleTimeout));
        Refused(static o => o.PooledConnectionIdleTimeout = TimeSpan.Zero, nameof(GuardOptions.PooledConnectionIdleTimeout));
        Refused(static o => o.TrailerGrace = TimeSpan.FromTicks(-1), nameof(GuardOptions.TrailerGrace));
        Refused(static o => o.MaxErrorBody = 1_023, nameof(GuardOptions.MaxErrorBody));
        Refused(static o => o.MaxBody = 1_023, nameof(GuardOptions.MaxBody));
        Refused(static o => o.MaxLine = 1_023, nameof(GuardOptions.MaxLine));
        Refused(static o => o.MaxConnections = 0, nameof(GuardOptions.MaxConnections));
        Refused(static o => o.PooledConnectionLifetime = TimeSpan.FromMinutes(2) - TimeSpan.FromTicks(1), nameof(GuardOptions.PooledConnectionLifetime));
        Refused(static o => o.PooledConnectionLifetime = TimeSpan.FromMinutes(15) + TimeSpan.FromTicks(1), nameof(GuardOptions.PooledConnectionLifetime));

        static void Refused(Action<GuardOptions> change, string name, string message = "*")
        {
            GuardOptions options = new();
            change(options);
            options.Invoking(static o => o.Validated()).Should().Throw<ArgumentOutOfRangeException>().WithMessage(message).Which.ParamName.Should().Be(name);
        }
    }

    [Fact]
    public void Guard_Defaults_AreTheDocumentedOnes() =>
        new GuardOptions().Should().BeEquivalentTo(new
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            FirstByteTimeout = TimeSpan.FromSeconds(60),
            IdleTimeout = TimeSpan.FromSeconds(60),
            TrailerGrace = TimeSpan.FromSeconds(1),
            MaxErrorBody = 65_536,
            MaxBody = 134_217_728,
            MaxLine = 8_388_608,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4),
            MaxConnections = int.MaxValue,
            PrivateNetworkOnly = false,
        });
}
