using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Providers.Http;

namespace Providers.OpenAI.Tests.Options;

public sealed class PlanTests
{
    [Theory]
    [InlineData("https://api.openai.com/v1", OpenAIServerProfile.OpenAI, 60, false)]
    [InlineData("https://acme.openai.azure.com/openai/v1", OpenAIServerProfile.Azure, 60, false)]
    [InlineData("https://api.groq.com/openai/v1", OpenAIServerProfile.Generic, 60, false)]
    [InlineData("http://127.0.0.1:8000/v1", OpenAIServerProfile.Generic, 300, true)]
    [InlineData("http://localhost:8000/v1", OpenAIServerProfile.Generic, 300, true)]
    public void Plan_WithoutProfile_TellsItFromTheEndpoint(string endpoint, OpenAIServerProfile profile, int firstByteSeconds, bool local)
    {
        OpenAIPlan plan = OpenAIPlan.From("x", new OpenAIProviderOptions { Endpoint = new Uri(endpoint), ApiKey = "k" });
        plan.Profile.Should().Be(profile);
        plan.FirstByteTimeout.Should().Be(TimeSpan.FromSeconds(firstByteSeconds));
        plan.IsLocal.Should().Be(local);
    }

    [Theory]
    [InlineData(OpenAIServerProfile.Vllm)]
    [InlineData(OpenAIServerProfile.LlamaServer)]
    [InlineData(OpenAIServerProfile.LmStudio)]
    public void Plan_ServerThatMayLoad_GetsTheLongFirstByte(OpenAIServerProfile profile) =>
        OpenAIPlan.From("x", new OpenAIProviderOptions { Endpoint = new Uri("http://box.lan:8000/v1"), Profile = profile }).FirstByteTimeout.Should().Be(TimeSpan.FromMinutes(5));

    [Fact]
    public void Plan_EndpointWithQueryAndSlash_KeepsBothApart()
    {
        OpenAIPlan plan = OpenAIPlan.From("x", new OpenAIProviderOptions { Endpoint = new Uri("http://127.0.0.1:1/openai/deployments/d/?api-version=1") });
        plan.Endpoint.Should().Be(new Uri("http://127.0.0.1:1/openai/deployments/d/"));
        plan.Query.Should().Be("?api-version=1");
    }

    [Fact]
    public void Plan_KeysTwice_AreOneKey_AndTheMainOneComesFirst()
    {
        OpenAIProviderOptions options = new() { ApiKey = "main", ApiKeys = { "b", "main", "c" } };
        OpenAIPlan.From("x", options).Keys.Should().Equal("main", "b", "c");
        OpenAIPlan.From("x", new OpenAIProviderOptions { ApiKeys = { "b" } }).Keys.Should().Equal("b");
    }

    [Theory]
    [InlineData("http://127.0.0.1:8000/v1", null, null, 300, 600)]
    [InlineData("http://127.0.0.1:8000/v1", 7, null, 7, 7)]
    [InlineData("http://127.0.0.1:8000/v1", 7, 9, 7, 9)]
    [InlineData("http://127.0.0.1:8000/v1", null, 9, 300, 9)]
    [InlineData("http://box.lan:8000/v1", 7, null, 7, 7)]
    [InlineData("http://box.lan:8000/v1", null, null, 60, 600)]
    public void Plan_WaitsForTheFirstByte_AsConfiguredElseAsTheServerNeeds(string endpoint, int? first, int? whole, int firstExpected, int wholeExpected)
    {
        OpenAIPlan plan = OpenAIPlan.From("x", new OpenAIProviderOptions
        {
            Endpoint = new Uri(endpoint),
            FirstByteTimeout = first is { } f ? TimeSpan.FromSeconds(f) : null,
            WholeAnswerTimeout = whole is { } w ? TimeSpan.FromSeconds(w) : null,
        });
        plan.FirstByteTimeout.Should().Be(TimeSpan.FromSeconds(firstExpected));
        plan.WholeAnswerTimeout.Should().Be(TimeSpan.FromSeconds(wholeExpected), "a whole answer comes only when all of it was generated");
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(" ", true)]
    [InlineData("x", false)]
    public void Provider_WithoutANameOrOptions_IsNotMade(string name, bool hasOptions) =>
        FluentActions.Invoking(() => new OpenAIProvider(name, hasOptions ? new OpenAIProviderOptions { ApiKey = "k" } : null!)).Should().Throw<ArgumentException>()
            .Which.ParamName.Should().Be(hasOptions ? "name" : "options");

    [Fact]
    public async Task Provider_GivenALog_SaysWhereItTalksToAndNoKey()
    {
        FakeLogCollector log = new();
        using LoggerFactory loggers = new([new FakeLoggerProvider(log)]);
        await using OpenAIProvider provider = new("x", new OpenAIProviderOptions { Endpoint = new Uri("http://127.0.0.1:8000/v1"), ApiKey = "hush" }, loggers);
        log.GetSnapshot().Should().ContainSingle().Which.Message.Should()
            .Be("Provider 'x' talks to http://127.0.0.1:8000/v1/ as Generic; first byte within 300 s, pauses up to 60 s, 1 keys.");
    }

    [Fact]
    public void Plan_DefaultModel_ComesFirst()
    {
        OpenAIProviderOptions options = new() { ApiKey = "a", DefaultModel = "z", Models = { ["a"] = new ModelOptions(), ["z"] = new ModelOptions() } };
        OpenAIPlan.From("x", options).Models.Select(m => m.Id).Should().Equal("z", "a");
    }

    [Fact]
    public void DefaultFor_ModelThatCannot_GoesToOneThatCan()
    {
        OpenAIProviderOptions options = new()
        {
            ApiKey = "a",
            DefaultModel = "talk",
            Models = { ["talk"] = new ModelOptions { Capabilities = ModelCapabilities.Chat }, ["embed"] = new ModelOptions { Capabilities = ModelCapabilities.Embeddings } },
        };
        OpenAIPlan plan = OpenAIPlan.From("x", options);
        plan.DefaultFor(ModelCapabilities.Chat).Should().Be("talk");
        plan.DefaultFor(ModelCapabilities.Embeddings).Should().Be("embed");
        plan.DefaultFor(ModelCapabilities.Rerank).Should().BeNull();
        plan.Offers(ModelCapabilities.Rerank).Should().BeFalse();
        plan.Offers(ModelCapabilities.Embeddings).Should().BeTrue();
    }

    [Fact]
    public void Guard_OfALocalServer_LetsIdleConnectionsGoBeforeTheServerDoes()
    {
        TimeSpan IdleOf(string endpoint)
        {
            OpenAIPlan plan = OpenAIPlan.From("x", new OpenAIProviderOptions { ApiKey = "a", Endpoint = new Uri(endpoint) });
            using GuardHandler guard = OpenAIHttp.CreateGuard(plan, NullLogger.Instance, TimeProvider.System);
            return ((SocketsHttpHandler)guard.InnerHandler!).PooledConnectionIdleTimeout;
        }

        IdleOf("http://127.0.0.1:8000/v1").Should().BeLessThan(TimeSpan.FromSeconds(5), "llama.cpp closes after 5 s, and ik_llama holds a worker until then");
        IdleOf("https://api.example.com/v1").Should().Be(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Plan_UndeclaredDefaultModel_OffersEverything()
    {
        OpenAIProviderOptions options = new() { ApiKey = "a", DefaultModel = "new", Models = { ["embed"] = new ModelOptions { Capabilities = ModelCapabilities.Embeddings } } };
        OpenAIPlan plan = OpenAIPlan.From("x", options);
        plan.Offers(ModelCapabilities.Chat).Should().BeTrue();
        plan.DefaultFor(ModelCapabilities.Chat).Should().Be("new");
    }
}
