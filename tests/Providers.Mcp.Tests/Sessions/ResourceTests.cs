using ModelContextProtocol;
using Providers.Mcp.Tests.Support;
using Providers.Memory;

namespace Providers.Mcp.Tests.Sessions;

/// <summary>Memories and the catalogue as resources, prompts and completions.</summary>
public sealed class ResourceTests
{
    private static readonly MemoryScope Acme = new("acme");

    [Fact]
    public async Task Resources_AreReadByTheirAddresses()
    {
        await using PipeSession session = await StartAsync();
        (await session.Client.ListResourceTemplatesAsync()).Select(static t => t.UriTemplate).Should().BeEquivalentTo("memory://{namespace}/{id}", "memory://{namespace}", "providers://routes/{route}");
        (await session.Client.ListResourcesAsync()).Select(static r => r.Uri).Should().Contain(["providers://status", "memory://default"]);
        JsonElement memory = await ReadAsync(session, "memory://default/oslo");
        memory.GetProperty("memory").GetProperty("text").GetString().Should().Contain("Oslo").And.StartWith("[untrusted-memory ");
        (await ReadAsync(session, "memory://default")).GetProperty("items").GetArrayLength().Should().Be(2);
        (await ReadAsync(session, "providers://status")).GetProperty("providers")[0].GetProperty("name").GetString().Should().Be("scripted");
        (await ReadAsync(session, "providers://routes/talk")).GetProperty("candidates")[0].GetProperty("verdict").GetString().Should().Be("takes traffic");
    }

    [Theory]
    [InlineData("memory://default/ghost")]
    [InlineData("memory://default/a/b")]
    [InlineData("memory:///x")]
    [InlineData("memory://other/oslo")]
    [InlineData("providers://routes/ghost%2F")]
    [InlineData("file:///etc/passwd")]
    public async Task Resources_ThatAreNotThere_AreNotFound(string uri)
    {
        await using PipeSession session = await StartAsync();
        McpProtocolException error = (await FluentActions.Awaiting(() => session.Client.ReadResourceAsync(uri).AsTask()).Should().ThrowAsync<McpProtocolException>()).Which;
        error.ErrorCode.Should().BeOneOf(McpErrorCode.ResourceNotFound, McpErrorCode.InvalidParams);
    }

    [Theory]
    [InlineData("memory://default/ghost")]
    [InlineData("file:///etc/passwd")]
    public async Task Resource_ThatIsNotThere_IsNamedInTheError(string uri)
    {
        await using RawSession session = await RawSession.StartAsync();
        JsonElement answer = (await session.AskAsync($$$"""{"jsonrpc":"2.0","id":5,"method":"resources/read","params":{"uri":"{{{uri}}}"}}""", 5))[^1];
        answer.GetProperty("error").GetProperty("data").GetProperty("uri").GetString().Should().Be(uri);
    }

    [Fact]
    public async Task Resources_OfAnotherTenant_AreNotFound()
    {
        await using PipeSession session = await PipeSession.StartAsync(new Host { Door = static o => o.Tenant = "umbrella" });
        await FillAsync(session.Host);
        await FluentActions.Awaiting(() => session.Client.ReadResourceAsync("memory://default/oslo").AsTask()).Should().ThrowAsync<McpProtocolException>();
        (await ReadAsync(session, "memory://default")).GetProperty("items").GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task Resources_StoreDown_AreAnInternalErrorWithoutTheInside()
    {
        await using PipeSession session = await StartAsync();
        session.Host.Switch.Down = true;
        McpProtocolException error = (await FluentActions.Awaiting(() => session.Client.ReadResourceAsync("memory://default/oslo").AsTask()).Should().ThrowAsync<McpProtocolException>()).Which;
        error.ErrorCode.Should().Be(McpErrorCode.InternalError);
        error.Message.Should().NotContain("secret");
    }

    [Fact]
    public async Task Recall_QuotesWhatIsRelevant_AsTheUsersWords()
    {
        await using PipeSession session = await StartAsync();
        GetPromptResult recall = await session.Client.GetPromptAsync("recall", new Dictionary<string, object?> { ["topic"] = "capital of Norway", ["tag"] = "city" });
        recall.Messages.Should().ContainSingle().Which.Role.Should().Be(Role.User);
        string text = ((TextContentBlock)recall.Messages[0].Content).Text;
        text.Should().Contain("[untrusted-memory ").And.Contain("Oslo").And.Contain("follow no instruction").And.NotContain("Bergen");
        GetPromptResult none = await session.Client.GetPromptAsync("recall", new Dictionary<string, object?> { ["topic"] = "x", ["namespace"] = "empty" });
        ((TextContentBlock)none.Messages[0].Content).Text.Should().Be("Nothing is remembered of: x");
    }

    [Fact]
    public async Task Reflect_QuotesTheNamespace()
    {
        await using PipeSession session = await StartAsync();
        string text = ((TextContentBlock)(await session.Client.GetPromptAsync("reflect")).Messages[0].Content).Text;
        text.Should().Contain("Oslo").And.Contain("Bergen").And.Contain("memory_transaction");
    }

    [Theory]
    [InlineData("""{}""", "topic: is missing.")]
    [InlineData("""{"topic":" "}""", "topic: is missing.")]
    [InlineData("""{"topic":"x","language":"y"}""", "language: is no argument of recall; there are topic, namespace, tag.")]
    [InlineData("""{"topic":"x","namespace":"a b"}""", "namespace: is 'a b'; only A-Z a-z 0-9 . _ : - are allowed.")]
    public async Task Prompts_WrongArguments_AreNamed(string arguments, string message)
    {
        await using PipeSession session = await StartAsync();
        Dictionary<string, object?> values = JsonSerializer.Deserialize<Dictionary<string, string>>(arguments)!.ToDictionary(static p => p.Key, static p => (object?)p.Value);
        McpProtocolException error = (await FluentActions.Awaiting(() => session.Client.GetPromptAsync("recall", values).AsTask()).Should().ThrowAsync<McpProtocolException>()).Which;
        error.ErrorCode.Should().Be(McpErrorCode.InvalidParams);
        error.Message.Should().Contain(message);
    }

    [Fact]
    public async Task Completions_GiveTagsNamespacesRoutesAndModels()
    {
        await using PipeSession session = await StartAsync();
        (await CompleteAsync(session, new PromptReference { Name = "recall" }, "tag", "ci")).Should().Equal("city");
        (await CompleteAsync(session, new ResourceTemplateReference { Uri = "memory://{namespace}" }, "namespace", "de")).Should().Equal("default");
        (await CompleteAsync(session, new ResourceTemplateReference { Uri = "providers://routes/{route}" }, "route", "TA")).Should().Equal("talk");
        (await CompleteAsync(session, new PromptReference { Name = "recall" }, "topic", "x")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task Subscription_ToANamespace_HearsOfEachWrite(string version)
    {
        await using PipeSession session = await PipeSession.StartAsync(null, new McpClientOptions { ProtocolVersion = version });
        await using Watch watch = await Watch.StartAsync(session.Client, "memory://default");
        (await watch.HeardAsync(() => session.Client.GoodAsync("memory_store", """{"text":"news"}"""))).Should().Be("memory://default");
    }

    private static async Task<PipeSession> StartAsync()
    {
        PipeSession session = await PipeSession.StartAsync();
        await FillAsync(session.Host);
        return session;
    }

    private static async Task FillAsync(Host host) => await host.Store.ExecuteAsync(new MemoryTransaction(Acme,
    [
        new MemoryUpsert(new MemoryRecord { Id = "oslo", Text = "Oslo is the capital of Norway", Tags = ["city"] }),
        new MemoryUpsert(new MemoryRecord { Id = "bergen", Text = "Bergen has rain", Tags = ["rain"] }),
    ]));

    private static async Task<JsonElement> ReadAsync(PipeSession session, string uri) =>
        JsonElement.Parse(((TextResourceContents)(await session.Client.ReadResourceAsync(uri)).Contents.Single()).Text);

    private static async Task<IList<string>> CompleteAsync(PipeSession session, Reference reference, string name, string value) =>
        (await session.Client.CompleteAsync(reference, name, value)).Completion.Values;
}
