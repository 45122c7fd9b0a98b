using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using ModelContextProtocol;
using ModelContextProtocol.Server;
using Providers.Mcp.Calls;
using Providers.Mcp.Tests.Support;
using Providers.Mcp.Tools;
using Providers.Testing;
using Providers.Tools;

namespace Providers.Mcp.Tests.Tools;

/// <summary>A host's own tools, whatever they give back; what is offered where there is no memory; and what failures become.</summary>
public sealed class ResultTests
{
    [Theory]
    [InlineData("nothing", "", false)]
    [InlineData("text", "plain", false)]
    [InlineData("json_text", "quoted", false)]
    [InlineData("list", "[\n  1,\n  2\n]", false)]
    [InlineData("object", """{"a":1}""", true)]
    public async Task Tool_OfTheHost_GivesWhatItGives(string tool, string text, bool structured)
    {
        await using PipeSession session = await PipeSession.StartAsync(new Host
        {
            More = static mcp =>
            {
                mcp.Services.AddSingleton<IToolset>(new Mine());
                mcp.WithToolset("mine");
            },
        });
        CallToolResult result = await session.Client.CallAsync(tool);
        result.IsError.Should().NotBe(true);
        result.TextOf().Should().Be(text);
        result.StructuredContent.HasValue.Should().Be(structured);
    }

    [Fact]
    public void Door_WithoutMemory_OffersNothingOfIt()
    {
        ServiceCollection services = new();
        services.AddLogging().AddSingleton<IToolset>(new Mine());
        services.AddMcpServer().WithToolset("mine");
        using ServiceProvider provider = services.BuildServiceProvider();
        McpServerOptions options = provider.GetRequiredService<IOptions<McpServerOptions>>().Value;
        options.ToolCollection.Should().HaveCount(5);
        options.ResourceCollection.Should().BeNull();
        options.PromptCollection.Should().BeNull();
        options.Capabilities!.Resources.Should().BeNull();
    }

    [Fact]
    public void Door_WithProvidersOnly_OffersTheirResourcesAndNoPrompts()
    {
        ServiceCollection services = new();
        services.AddLogging().AddCompositeProvider(static c => c.AddProvider("scripted", static _ => new ScriptedProvider("scripted", null, new HashingEmbeddingGenerator(8))).Configure(static o => o.Health.Enabled = false));
        services.AddMcpServer().WithProviderTools();
        using ServiceProvider provider = services.BuildServiceProvider();
        McpServerOptions options = provider.GetRequiredService<IOptions<McpServerOptions>>().Value;
        options.ResourceCollection.Should().HaveCount(2);
        options.PromptCollection.Should().BeNull();
    }

    [Fact]
    public void Audit_OfAResultThatIsNotOurs_SaysFailedAndCountsText()
    {
        CallToolResult foreign = new() { IsError = true, Content = [ImageContentBlock.FromBytes(new byte[] { 1 }, "image/png"), new TextContentBlock { Text = "four" }] };
        ToolResults.OutcomeOf(foreign).Should().Be("failed");
        ToolResults.SizeOf(foreign).Should().Be(4);
    }

    [Theory]
    [InlineData(ToolErrorCode.InvalidInput, McpErrorCode.InvalidParams)]
    [InlineData(ToolErrorCode.Unavailable, McpErrorCode.InternalError)]
    [InlineData(ToolErrorCode.RateLimited, McpErrorCode.InvalidRequest)]
    [InlineData(ToolErrorCode.PermissionDenied, McpErrorCode.InvalidRequest)]
    public void Failure_OfWhatIsNoTool_IsAnErrorOfTheProtocol(ToolErrorCode code, McpErrorCode error) =>
        ProtocolErrors.Of(new ToolException(code, "m"), null!).ErrorCode.Should().Be(error);

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("\u00e9", false)]
    [InlineData("A9.b_c:d-e", true)]
    public void Tenant_IsANameOrNone(string? tenant, bool fits) => CallerReader.IsTenant(tenant).Should().Be(fits);

    private sealed class Mine : IToolset
    {
        public string Name => "mine";

        public IReadOnlyList<AIFunction> Tools { get; } =
        [
            new Fixed("nothing", null),
            new Fixed("text", "plain"),
            new Fixed("json_text", JsonElement.Parse("\"quoted\"")),
            new Fixed("list", new[] { 1, 2 }),
            new Fixed("object", JsonElement.Parse("""{"a":1}""")),
        ];
    }

    private sealed class Fixed(string name, object? result) : AIFunction
    {
        public override string Name => name;

        public override string Description => "Gives what it was made with.";

        public override JsonElement JsonSchema { get; } = JsonElement.Parse("""{"type":"object","additionalProperties":false}""");

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => new(result);
    }
}
