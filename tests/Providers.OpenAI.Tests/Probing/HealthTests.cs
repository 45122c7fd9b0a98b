using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Probing;

public sealed class HealthTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<OpenAIServerProfile, int, string, ProviderHealth, string?> Probes => new()
    {
        { OpenAIServerProfile.Generic, 200, """{"data":[{"id":"sable"}]}""", ProviderHealth.Healthy, null },
        { OpenAIServerProfile.Generic, 200, "", ProviderHealth.Healthy, "*no list*" },
        { OpenAIServerProfile.Generic, 200, """{"data":[{"id":"koboldcpp/x"}]}""", ProviderHealth.Degraded, "*not list sable; it may answer with another model. It has koboldcpp/x.*" },
        { OpenAIServerProfile.Vllm, 200, """{"data":[]}""", ProviderHealth.Degraded, "*not list sable. It has none.*" },
        { OpenAIServerProfile.Azure, 200, """{"data":[{"id":"base"}]}""", ProviderHealth.Healthy, null },
        { OpenAIServerProfile.Generic, 200, "<html>", ProviderHealth.Unhealthy, "*not a list of models*" },
        { OpenAIServerProfile.Generic, 200, """{"error":{"message":"down for repair"}}""", ProviderHealth.Unhealthy, "*down for repair*" },
        { OpenAIServerProfile.LlamaServer, 503, """{"error":{"message":"Loading model","type":"unavailable_error","code":503}}""", ProviderHealth.Degraded, "*loading*" },
        { OpenAIServerProfile.Generic, 401, """{"error":{"message":"Invalid API Key"}}""", ProviderHealth.Unhealthy, "*refused the key (401)*ApiKey*" },
        { OpenAIServerProfile.Generic, 429, "", ProviderHealth.Degraded, "*too many*" },
        { OpenAIServerProfile.Generic, 404, "Not Found", ProviderHealth.Degraded, "*/v1*" },
        { OpenAIServerProfile.Generic, 500, """{"error":{"message":"broken"}}""", ProviderHealth.Unhealthy, "broken" },
    };

    [Theory]
    [MemberData(nameof(Probes))]
    public async Task Probe_EveryAnswer_GivesItsVerdict(OpenAIServerProfile profile, int status, string body, ProviderHealth health, string? detail)
    {
        await using RawServer server = new(Reply.Json(body, status));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => { o.Profile = profile; o.ApiKey = "k"; o.Models["sable"] = new ModelOptions(); });
        ProviderHealthReport report = await provider.CheckHealthAsync(Token);
        report.Health.Should().Be(health);
        if (detail is null)
        {
            report.Detail.Should().BeNull();
        }
        else
        {
            report.Detail.Should().Match(detail);
        }

        server.Requests.Should().OnlyContain(r => r.Method == "GET", "a probe is free");
    }

    [Theory]
    [InlineData("/v1", "/health")]
    [InlineData("/llm/v1", "/llm/health")]
    [InlineData("/llm", "/llm/health")]
    public async Task Probe_OfAServerWithAHealthPath_AsksBesideV1(string below, string expected)
    {
        await using RawServer server = new(Reply.Json("""{"status":"ok"}"""));
        await using OpenAIProvider provider = Chats.Provider(new Uri(server.Endpoint, below), o => { o.Profile = OpenAIServerProfile.LlamaServer; });
        (await provider.CheckHealthAsync(Token)).Health.Should().Be(ProviderHealth.Healthy);
        server.Requests.Single().Path.Should().Be(expected);
    }

    [Fact]
    public async Task Probe_OfAHealthyServerWithAnotherModel_IsDegraded()
    {
        await using RawServer server = new(r => Reply.Json(r.Path == "/health" ? """{"status":"ok"}""" : """{"data":[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"},{"id":"e"},{"id":"f"}]}"""));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => { o.Profile = OpenAIServerProfile.LlamaServer; o.Models["sable"] = new ModelOptions(); });
        ProviderHealthReport report = await provider.CheckHealthAsync(Token);
        report.Health.Should().Be(ProviderHealth.Degraded);
        report.Detail.Should().Contain("a, b, c, d, e, ...");
    }

    [Fact]
    public async Task Probe_Cancelled_Throws()
    {
        await using RawServer server = new(Reply.Silent);
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        await FluentActions.Awaiting(() => provider.CheckHealthAsync(new CancellationToken(canceled: true)).AsTask()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Discovery_KeepsDeclarationsAndAddsTheRest()
    {
        await using RawServer server = new(Reply.Json("""{"data":[{"id":"sable"},{"id":"extra"}]}"""));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint, o => o.Models["sable"] = new ModelOptions { ContextWindow = 7 });
        IReadOnlyList<ModelDescriptor> models = await provider.DiscoverModelsAsync(Token);
        models.Select(m => (m.Id, m.ContextWindow)).Should().Equal(("sable", 7), ("extra", null));
    }

    [Theory]
    [InlineData("", 200, null)]
    [InlineData("<html>", 200, FailureKind.InvalidResponse)]
    [InlineData("{}", 401, FailureKind.AuthFailed)]
    public async Task Discovery_OfAServerWithoutAList_IsEmptyOrFails(string body, int status, FailureKind? expected)
    {
        await using RawServer server = new(Reply.Json(body, status));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        Func<Task<IReadOnlyList<ModelDescriptor>>> act = async () => await provider.DiscoverModelsAsync(Token);
        if (expected is null)
        {
            (await act()).Should().BeEmpty();
        }
        else
        {
            (await act.Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(expected);
        }
    }

    [Theory]
    [InlineData(OpenAIServerProfile.LmStudio, true)]
    [InlineData(OpenAIServerProfile.Generic, false)]
    public async Task Descriptor_SaysWhoLoadsOnDemand(OpenAIServerProfile profile, bool loads)
    {
        await using OpenAIProvider provider = Chats.Provider(new Uri("http://127.0.0.1:9/v1"), o => o.Profile = profile);
        provider.Descriptor.LoadsOnDemand.Should().Be(loads);
    }
}
