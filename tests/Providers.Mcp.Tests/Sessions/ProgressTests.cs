using Providers.Mcp.Tests.Support;
using Providers.Testing;
using Providers.Tools;

namespace Providers.Mcp.Tests.Sessions;

/// <summary>What happens while a model answers, and a client's own model as one more provider.</summary>
public sealed class ProgressTests
{
    [Fact]
    public async Task Chat_WhileItStreams_ReportsGrowingProgressBeforeTheResult()
    {
        await using RawSession session = await RawSession.StartAsync();
        session.Host.Model.Chat.Script = ChatScript.Empty.Role().Text(Enumerable.Repeat("abc ", 50)).Finish().Usage(3, 50);
        List<JsonElement> lines = await session.AskAsync("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"chat","arguments":{"prompt":"hi"},"_meta":{"progressToken":"t"}}}""", 7);
        double[] progress = [.. lines.SkipLast(1).Select(static l => l.GetProperty("params").GetProperty("progress").GetDouble())];
        progress.Should().NotBeEmpty().And.BeInAscendingOrder().And.OnlyHaveUniqueItems();
        progress[^1].Should().Be(200, "the last is never left out");
        JsonElement result = lines[^1].GetProperty("result").GetProperty("structuredContent");
        result.GetProperty("text").GetString().Should().HaveLength(200);
        result.GetProperty("served_by").GetProperty("provider").GetString().Should().Be("scripted");
        result.GetProperty("usage").GetProperty("output_tokens").GetInt64().Should().Be(50);
    }

    [Fact]
    public async Task Progress_ThatDoesNotGrow_IsNotSent()
    {
        await using RawSession session = await RawSession.StartAsync(new Host
        {
            More = static mcp =>
        {
            mcp.Services.AddSingleton<IToolset>(new Wavering());
            mcp.WithToolset("wavering");
        }
        });
        List<JsonElement> lines = await session.AskAsync("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"waver","arguments":{},"_meta":{"progressToken":"t"}}}""", 7);
        double[] progress = [.. lines.SkipLast(1).Select(static l => l.GetProperty("params").GetProperty("progress").GetDouble())];
        progress.Should().NotBeEmpty().And.BeInAscendingOrder().And.OnlyHaveUniqueItems();
        lines[^1].GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString().Should().Be("done");
    }

    [Fact]
    public async Task Chat_ServedByTheClientsOwnModel_WhereItOffersSampling()
    {
        McpClientOptions options = new()
        {
            ProtocolVersion = "2025-11-25",
            Capabilities = new ClientCapabilities { Sampling = new SamplingCapability() },
            Handlers = new McpClientHandlers
            {
                SamplingHandler = static (request, _, _) => new(new CreateMessageResult
                {
                    Model = "the-client's",
                    Role = Role.Assistant,
                    StopReason = "endTurn",
                    Content = [new TextContentBlock { Text = $"sampled: {((TextContentBlock)request!.Messages[^1].Content[0]).Text}" }],
                }),
            },
        };
        await using PipeSession session = await PipeSession.StartAsync(SamplingHost(), options);
        JsonElement answer = await session.Client.GoodAsync("chat", """{"prompt":"hello","route":"client"}""");
        answer.GetProperty("text").GetString().Should().Be("sampled: hello");
        answer.GetProperty("served_by").GetProperty("provider").GetString().Should().Be("mcp-client");
    }

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task Chat_ClientWithoutSampling_IsServedByTheNextTarget(string version)
    {
        await using PipeSession session = await PipeSession.StartAsync(SamplingHost(), new McpClientOptions { ProtocolVersion = version });
        JsonElement answer = await session.Client.GoodAsync("chat", """{"prompt":"hello","route":"client"}""");
        answer.GetProperty("served_by").GetProperty("provider").GetString().Should().Be("scripted");
        answer.GetProperty("attempts").GetInt32().Should().Be(2);
    }

    [Fact]
    public async Task Sampling_OutsideOfACall_IsAModelThatIsNotThere()
    {
        await using PipeSession session = await PipeSession.StartAsync(SamplingHost());
        Microsoft.Extensions.AI.IChatClient chat = session.Services.GetRequiredService<Microsoft.Extensions.AI.IChatClient>();
        Microsoft.Extensions.AI.ChatResponse response = await chat.GetResponseAsync([new(Microsoft.Extensions.AI.ChatRole.User, "x")], new Microsoft.Extensions.AI.ChatOptions { ModelId = "client" });
        response.GetProvider().Should().Be("scripted");
    }

    /// <summary>A tool that cannot make up its mind how far it is.</summary>
    private sealed class Wavering : IToolset
    {
        public string Name => "wavering";

        public IReadOnlyList<Microsoft.Extensions.AI.AIFunction> Tools { get; } =
        [
            Microsoft.Extensions.AI.AIFunctionFactory.Create(
                static async (Microsoft.Extensions.AI.AIFunctionArguments arguments) =>
                {
                    foreach (double done in (double[])[5, 3, 3, double.NaN, 8, double.PositiveInfinity, 8, 1, 9, 2])
                    {
                        arguments.GetProgress()!.Report(new ToolProgress(done, null, "so far"));
                        await Task.Yield();
                    }

                    return "done";
                },
                "waver"),
        ];
    }

    private static Host SamplingHost() => new()
    {
        Composite = static c => c.AddMcpSampling().AddRoute("client", static r =>
        {
            r.Targets.Add(new TargetOptions { Provider = "mcp-client" });
            r.Targets.Add(new TargetOptions { Provider = "scripted" });
        }),
    };
}
