using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Providers.Http.Tests.Tokens;

/// <summary>Gate G13: one fetch for any number of callers, one retry for a 401, and a token is used to its real end when fetches fail.</summary>
public sealed class TokenTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000));

    [Fact]
    public async Task Get_ByAThousandCallersAtExpiry_FetchesOnce()
    {
        using TokenServer server = new();
        ClientCredentialsTokens tokens = Tokens(server);
        (await tokens.GetAsync()).Should().Be("token-1");
        _clock.Advance(TimeSpan.FromSeconds(3600));

        server.Hold();
        Task<string>[] callers = [.. Enumerable.Range(0, 1000).Select(_ => Task.Run(() => tokens.GetAsync().AsTask()))];
        await server.Asked(2);
        server.Release();
        (await Task.WhenAll(callers)).Should().AllBe("token-2");
        server.Requests.Should().Be(2, "one fetch at the start and one at expiry");
    }

    [Fact]
    public async Task Fetches_AreCountedByResult()
    {
        using Meters meters = new("token.refresh"); // the other tests of this process count into it as well
        using TokenServer server = new();
        await Tokens(server).GetAsync();
        meters.Of("success").Should().BePositive();
        server.Answer = static _ => new HttpResponseMessage(HttpStatusCode.InternalServerError);
        Func<Task> get = () => Tokens(server).GetAsync().AsTask();
        await get.Should().ThrowAsync<ProviderException>();
        meters.Of("failure").Should().BePositive();
        meters.Results.Should().BeSubsetOf(["success", "failure"]);
    }

    [Fact]
    public async Task Get_AfterFourFifthsOfTheLife_ServesTheOldWhileTheNewIsFetched()
    {
        using TokenServer server = new();
        ClientCredentialsTokens tokens = Tokens(server);
        await tokens.GetAsync();
        _clock.Advance(TimeSpan.FromSeconds(3000)); // past 80 % less jitter, before the end

        server.Hold();
        (await tokens.GetAsync()).Should().Be("token-1", "it still opens, so nobody waits");
        await server.Asked(2);
        server.Release();
        await server.Answered(2);
        await Eventually(async () => await tokens.GetAsync() == "token-2");
        server.Requests.Should().Be(2);
    }

    [Fact]
    public async Task Get_WhileTheServerFails_ServesTheOldTokenToItsRealEndAndThenSaysWhy()
    {
        using TokenServer server = new();
        ClientCredentialsTokens tokens = Tokens(server);
        await tokens.GetAsync();
        server.Answer = static _ => new HttpResponseMessage(HttpStatusCode.InternalServerError);
        for (int second = 3000; second < 3600; second += 60)
        {
            _clock.Advance(TimeSpan.FromSeconds(second == 3000 ? 3000 : 60));
            (await tokens.GetAsync()).Should().Be("token-1");
        }

        _clock.Advance(TimeSpan.FromSeconds(120));
        Func<Task> get = () => tokens.GetAsync().AsTask();
        (await get.Should().ThrowAsync<ProviderException>()).Which.Failure.Status.Should().Be(500);
    }

    [Theory]
    [InlineData(400, FailureKind.AuthFailed)]
    [InlineData(401, FailureKind.AuthFailed)]
    [InlineData(403, FailureKind.AuthFailed)]
    [InlineData(404, FailureKind.Transient)]
    [InlineData(500, FailureKind.Transient)]
    [InlineData(503, FailureKind.Transient)]
    public async Task Get_ThatIsRefused_SaysWithWhichStatus(int status, FailureKind kind)
    {
        using TokenServer server = new() { Answer = _ => new HttpResponseMessage((HttpStatusCode)status) };
        Func<Task> get = () => Tokens(server).GetAsync().AsTask();
        ProviderFailure failure = (await get.Should().ThrowAsync<ProviderException>()).Which.Failure;
        (failure.Kind, failure.Status).Should().Be((kind, status));
        failure.Message.Should().Contain($"answered {status}");
    }

    [Fact]
    public async Task Get_SecretCannotBeRead_SaysSoAndAsksNobody()
    {
        using TokenServer server = new();
        ClientCredentialsTokens tokens = new(
            new ClientCredentialsOptions { TokenEndpoint = new Uri("https://issuer.test/token"), ClientId = "c", ClientSecret = static _ => throw new FileNotFoundException("/run/secrets/hush") },
            new HttpMessageInvoker(server, disposeHandler: false), _clock);
        ProviderFailure failure = (await FluentActions.Awaiting(() => tokens.GetAsync().AsTask()).Should().ThrowAsync<ProviderException>()).Which.Failure;
        failure.Kind.Should().Be(FailureKind.Transient);
        failure.Message.Should().Contain("secret could not be read (FileNotFoundException)").And.NotContain("hush");
        await FluentActions.Awaiting(() => tokens.GetAsync().AsTask()).Should().ThrowAsync<ProviderException>("and pauses as after any other failure");
        server.Requests.Should().Be(0);
    }

    [Theory]
    [InlineData(64 * 1024, "without an access_token")]
    [InlineData((64 * 1024) + 1, "more than 65536 bytes")]
    public async Task Get_AnswerIsLong_IsReadToItsLimit(int length, string message)
    {
        using TokenServer server = new() { Answer = _ => TokenServer.Json("{}".PadRight(length)) };
        ProviderFailure failure = (await FluentActions.Awaiting(() => Tokens(server).GetAsync().AsTask()).Should().ThrowAsync<ProviderException>()).Which.Failure;
        failure.Kind.Should().Be(FailureKind.InvalidResponse);
        failure.Message.Should().Contain(message);
    }

    [Fact]
    public async Task Get_TokenIsNoText_IsAnInvalidAnswer()
    {
        using TokenServer server = new() { Answer = static _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([.. "{\"access_token\":\""u8, 0xFF, .. "\"}"u8]) } };
        (await FluentActions.Awaiting(() => Tokens(server).GetAsync().AsTask()).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.InvalidResponse);
    }

    [Fact]
    public async Task Get_RightAfterAFailure_FailsAtOnceWithoutAskingAgain()
    {
        using TokenServer server = new() { Answer = static _ => new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) };
        ClientCredentialsTokens tokens = Tokens(server);
        Func<Task> get = () => tokens.GetAsync().AsTask();
        for (int i = 0; i < 50; i++)
        {
            (await get.Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.Transient);
        }

        server.Requests.Should().Be(1);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await get.Should().ThrowAsync<ProviderException>();
        server.Requests.Should().Be(2, "the first pause is a second at most");
    }

    [Fact]
    public async Task Get_OfAServerThatHangs_EndsWithItsTimeout()
    {
        using TokenServer server = new();
        server.Hold();
        ClientCredentialsTokens tokens = Tokens(server);
        Task<string> get = tokens.GetAsync().AsTask();
        await server.Asked(1);
        _clock.Advance(TimeSpan.FromSeconds(10));
        (await ((Func<Task>)(() => get)).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.TimedOut);
    }

    [Fact]
    public async Task Get_ThatIsCancelled_LeavesTheFetchToTheOthers()
    {
        using TokenServer server = new();
        server.Hold();
        ClientCredentialsTokens tokens = Tokens(server);
        using CancellationTokenSource cancel = new();
        Task<string> leaver = tokens.GetAsync(cancel.Token).AsTask();
        Task<string> stayer = tokens.GetAsync().AsTask();
        await server.Asked(1);
        await cancel.CancelAsync();
        await ((Func<Task>)(() => leaver)).Should().ThrowAsync<OperationCanceledException>();
        server.Release();
        (await stayer).Should().Be("token-1");
        server.Requests.Should().Be(1);
    }

    [Theory]
    [InlineData("""{"access_token":"x","expires_in":0}""")]
    [InlineData("""{"access_token":"x","expires_in":-5}""")]
    [InlineData("""{"access_token":"","expires_in":60}""")]
    [InlineData("""{"expires_in":60}""")]
    [InlineData("[]")]
    [InlineData("<html>")]
    public async Task Get_OfAnAnswerWithoutAUsableToken_IsAnInvalidResponse(string body)
    {
        using TokenServer server = new() { Answer = _ => TokenServer.Json(body) };
        Func<Task> get = () => Tokens(server).GetAsync().AsTask();
        (await get.Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.InvalidResponse);
    }

    [Theory]
    [InlineData("""{"access_token":"x","expires_in":"120"}""", 120)]
    [InlineData("""{"access_token":"x"}""", 300)]
    [InlineData("""{"access_token":"x","expires_in":1e300}""", 31_536_000)]
    public async Task Get_OfALifetimeInAnyForm_EndsWhenItSays(string body, int seconds)
    {
        using TokenServer server = new() { Answer = _ => TokenServer.Json(body) };
        ClientCredentialsTokens tokens = Tokens(server);
        await tokens.GetAsync();
        server.Hold();
        _clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        (await tokens.GetAsync()).Should().Be("x", "it opens for another second, whatever the server's own clock says");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Task<string> late = tokens.GetAsync().AsTask();
        late.IsCompleted.Should().BeFalse("the old one has ended");
        server.Release();
        (await late).Should().Be("x");
    }

    [Fact]
    public async Task Send_RefusedOnce_TriesOnceMoreWithANewTokenAndTheSameBody()
    {
        using TokenServer server = new();
        using Api api = new(static (_, token) => token == "token-2");
        using HttpClient client = new(new BearerTokenHandler(Tokens(server)) { InnerHandler = api });
        using HttpResponseMessage response = await client.PostAsync(new Uri("http://127.0.0.1/x"), new StringContent("body"));
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        api.Seen.Should().Equal(("token-1", "body"), ("token-2", "body"));
        server.Requests.Should().Be(2);
    }

    [Fact]
    public async Task Send_RefusedForEver_MakesTwoAttempts()
    {
        using TokenServer server = new();
        using Api api = new(static (_, _) => false);
        using HttpClient client = new(new BearerTokenHandler(Tokens(server)) { InnerHandler = api });
        using HttpResponseMessage response = await client.GetAsync(new Uri("http://127.0.0.1/x"));
        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        api.Seen.Should().HaveCount(2);
    }

    [Fact]
    public async Task Send_RefusedWhileNoNewTokenIsToBeHad_ReturnsTheRefusal()
    {
        using TokenServer server = new();
        using Api api = new(static (_, _) => false);
        ClientCredentialsTokens tokens = Tokens(server);
        await tokens.GetAsync();
        server.Answer = static _ => new HttpResponseMessage(HttpStatusCode.BadRequest);
        using HttpClient client = new(new BearerTokenHandler(tokens) { InnerHandler = api });
        using HttpResponseMessage response = await client.GetAsync(new Uri("http://127.0.0.1/x"));
        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        api.Seen.Should().ContainSingle();
    }

    [Fact]
    public async Task Send_ByManyWhoseTokenIsRefused_FetchesOneSuccessor()
    {
        using TokenServer server = new();
        using Api api = new(static (_, token) => token == "token-2");
        using HttpClient client = new(new BearerTokenHandler(Tokens(server)) { InnerHandler = api });
        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => client.GetAsync(new Uri("http://127.0.0.1/x"))));
        responses.Should().OnlyContain(static r => r.StatusCode == HttpStatusCode.OK);
        server.Requests.Should().Be(2, "a refusal of the old token does not throw the new one away");
        foreach (HttpResponseMessage response in responses)
        {
            response.Dispose();
        }
    }

    [Fact]
    public async Task Fetch_SendsTheCredentialsAndNothingElseOfThem()
    {
        using TokenServer server = new();
        int asked = 0;
        ClientCredentialsTokens tokens = new(
            new ClientCredentialsOptions { TokenEndpoint = new Uri("https://sts.test/token"), ClientId = "me", ClientSecret = _ => new($"s:{++asked}"), Scope = "a b", Audience = "api" },
            new HttpMessageInvoker(server, disposeHandler: false), _clock, seed: 1);
        await tokens.GetAsync();
        server.LastAuthorization.Should().Be("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:s%3A1")));
        server.LastBody.Should().Be("grant_type=client_credentials&scope=a+b&audience=api");
        tokens.Invalidate("token-1");
        await tokens.GetAsync();
        server.LastAuthorization.Should().Be("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:s%3A2")), "a secret that rotated is read anew");
    }

    [Theory]
    [InlineData("http://sts.example/token")]
    [InlineData("ftp://sts.example/token")]
    public void Create_WithAnEndpointThatWouldSpillTheSecret_Throws(string endpoint)
    {
        using TokenServer server = new();
        using HttpMessageInvoker http = new(server, disposeHandler: false);
        Action create = () => _ = new ClientCredentialsTokens(new ClientCredentialsOptions { TokenEndpoint = new Uri(endpoint), ClientId = "me", ClientSecret = static _ => new("s") }, http);
        create.Should().Throw<ArgumentException>().WithMessage("*https*");
    }

    [Theory]
    [InlineData("/token")]
    [InlineData(null)]
    public void Options_WithoutAnAddressOfTheEndpoint_AreRefused(string? endpoint)
    {
        Action act = () => new ClientCredentialsOptions { TokenEndpoint = endpoint is null ? null : new Uri(endpoint, UriKind.Relative), ClientId = "me", ClientSecret = static _ => new("s") }.Validated();
        act.Should().Throw<ArgumentException>().WithMessage("TokenEndpoint must be an https address;*");
    }

    [Fact]
    public void Options_AtTheirEnds_AreTaken()
    {
        Valid().Validated().Timeout.Should().Be(TimeSpan.FromSeconds(10));
        Valid(static o => o.TokenEndpoint = new Uri("http://127.0.0.1:8080/token")).Validated().TokenEndpoint!.Port.Should().Be(8080);
        Valid(static o => o.Timeout = TimeSpan.FromMilliseconds(100)).Invoking(static o => o.Validated()).Should().NotThrow();
        Valid(static o => o.Timeout = TimeSpan.FromMinutes(5)).Invoking(static o => o.Validated()).Should().NotThrow();
        ClientCredentialsOptions given = Valid();
        given.Validated().Should().NotBeSameAs(given, "what is changed afterwards changes nothing");
    }

    [Fact]
    public void Options_BeyondTheirEnds_AreRefusedByName()
    {
        Refused(static o => o.ClientId = " ", "ClientId");
        Refused(static o => o.ClientSecret = null, "ClientSecret");
        Refused(static o => o.Timeout = TimeSpan.FromMilliseconds(99), "Timeout");
        Refused(static o => o.Timeout = TimeSpan.FromMinutes(5) + TimeSpan.FromMilliseconds(1), "Timeout");

        static void Refused(Action<ClientCredentialsOptions> change, string name) =>
            Valid(change).Invoking(static o => o.Validated()).Should().Throw<ArgumentException>().Which.ParamName.Should().Be(name);
    }

    private static ClientCredentialsOptions Valid(Action<ClientCredentialsOptions>? change = null)
    {
        ClientCredentialsOptions options = new() { TokenEndpoint = new Uri("https://sts.example/token"), ClientId = "me", ClientSecret = static _ => new("s") };
        change?.Invoke(options);
        return options;
    }

    private static async Task Eventually(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Task.Yield();
        }
    }

    private ClientCredentialsTokens Tokens(TokenServer server) => new(
        new ClientCredentialsOptions { TokenEndpoint = new Uri("http://127.0.0.1/token"), ClientId = "me", ClientSecret = static _ => new("secret") },
        new HttpMessageInvoker(server, disposeHandler: false),
        _clock,
        seed: 1);

    /// <summary>A server behind tokens: says 401 to those it does not like.</summary>
    private sealed class Api(Func<int, string?, bool> accepts) : HttpMessageHandler
    {
        private readonly Lock _lock = new();

        public List<(string? Token, string Body)> Seen { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            string? token = request.Headers.Authorization?.Parameter;
            int count;
            lock (_lock)
            {
                Seen.Add((token, body));
                count = Seen.Count;
            }

            return new HttpResponseMessage(accepts(count, token) ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
        }
    }
}
