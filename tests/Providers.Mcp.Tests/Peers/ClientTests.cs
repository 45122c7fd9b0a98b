using System.Text.Json.Nodes;
using Providers.Mcp.Tests.Support;

namespace Providers.Mcp.Tests.Peers;

/// <summary>Clients nobody here wrote: the inspector's command line and the TypeScript SDK, over both transports.</summary>
public sealed class ClientTests(ITestOutputHelper output)
{
    private const string Inspector = "@modelcontextprotocol/inspector/package.json";

    [Fact]
    public async Task Inspector_OverHttp_ListsAndCallsEveryTool()
    {
        Npm.SkipWithout(Inspector);
        await using HttpHost host = await HttpHost.StartAsync();
        string[] target = [host.Endpoint.ToString(), "--transport", "http"];
        string[] tools = await ListAsync(target, []);
        tools.Should().BeEquivalentTo(Tools.ToolTable.Good.Keys);
        const string id = "there";
        foreach (string tool in tools)
        {
            JsonNode arguments = JsonNode.Parse(Tools.ToolTable.Expand(Tools.ToolTable.Good[tool], id))!;
            await ResetAsync(host.Host.Store, id);
            string[] given = [.. arguments.AsObject().SelectMany(static a => (string[])["--tool-arg", $"{a.Key}={(a.Value is JsonValue v && v.GetValueKind() is JsonValueKind.String ? v.GetValue<string>() : a.Value!.ToJsonString())}"])];
            (int code, string text) = await InspectAsync(target, ["--method", "tools/call", "--tool-name", tool, .. given], []);
            code.Should().Be(0, "{0}: {1}", tool, text);
        }
    }

    [Fact]
    public async Task Inspector_OverStdio_ListsAndCalls()
    {
        Npm.SkipWithout(Inspector);
        await using TempFolder folder = new();
        string[] tail = ["--", "/usr/bin/env", $"MCP_TEST_CHILD={folder.File("memory.db")}", Environment.ProcessPath!, "--list-tests"];
        (await ListAsync([], tail)).Should().BeEquivalentTo(Tools.ToolTable.Good.Keys);
        (int code, string text) = await InspectAsync([], ["--method", "tools/call", "--tool-name", "memory_store", "--tool-arg", "text=hello"], tail);
        code.Should().Be(0, text);
    }

    [Fact]
    public async Task TypeScript_OverHttp_DrivesTheServer()
    {
        Npm.SkipWithout("@modelcontextprotocol/sdk/package.json");
        await using HttpHost host = await HttpHost.StartAsync();
        (int code, string text) = await Npm.RunAsync(Script, "http", host.Endpoint.ToString());
        output.WriteLine(text);
        code.Should().Be(0, text);
    }

    [Fact]
    public async Task TypeScript_OverStdio_DrivesTheServer()
    {
        Npm.SkipWithout("@modelcontextprotocol/sdk/package.json");
        await using TempFolder folder = new();
        (int code, string text) = await Npm.RunAsync(Script, "stdio", folder.File("memory.db"), Environment.ProcessPath!, "--list-tests");
        output.WriteLine(text);
        code.Should().Be(0, text);
    }

    private static async Task ResetAsync(Memory.IMemoryStore store, string id)
    {
        Memory.MemoryScope scope = new("acme");
        await store.ExecuteAsync(new Memory.MemoryTransaction(scope, [new Memory.MemoryDelete(id), new Memory.MemoryDelete("too")]));
        await store.ExecuteAsync(new Memory.MemoryTransaction(scope, [new Memory.MemoryUpsert(new Memory.MemoryRecord { Id = id, Text = "Oslo" }), new Memory.MemoryUpsert(new Memory.MemoryRecord { Id = "too", Text = "Oslo" })]));
    }

    private static string Script => Path.Combine(AppContext.BaseDirectory, "Peers", "drive.mjs");

    private static async Task<string[]> ListAsync(string[] target, string[] tail)
    {
        (int code, string text) = await InspectAsync(target, ["--method", "tools/list"], tail);
        code.Should().Be(0, text);
        JsonNode list = JsonNode.Parse(text[text.IndexOf('{')..(text.LastIndexOf('}') + 1)])!;
        return [.. list["tools"]!.AsArray().Select(static t => t!["name"]!.GetValue<string>())];
    }

    private static async Task<(int Code, string Output)> InspectAsync(string[] target, string[] arguments, string[] tail)
    {
        JsonNode package = JsonNode.Parse(await File.ReadAllTextAsync(Npm.Module(Inspector)))!;
        JsonNode bin = package["bin"]!;
        string entry = bin is JsonObject names ? (names["mcp-inspector"] ?? names.First().Value)!.GetValue<string>() : bin.GetValue<string>();
        return await Npm.RunAsync([Npm.Module($"@modelcontextprotocol/inspector/{entry}"), "--cli", .. target, .. arguments, .. tail]);
    }
}
