using System.Text;
using Providers.Mcp.Tests.Support;

namespace Providers.Mcp.Tests.Stdio;

/// <summary>The server as a process: what comes in that is no message, and what goes out.</summary>
public sealed class StdioTests
{
    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task Client_DrivesTheProcess(string version)
    {
        await using TempFolder folder = new();
        await using McpClient client = await McpClient.CreateAsync(StdioChild.Transport(folder.File("memory.db")), new McpClientOptions
        {
            ProtocolVersion = version,
            DiscoverProbeTimeout = TimeSpan.FromMinutes(1), // a process that starts slowly is not an old one
            InitializationTimeout = TimeSpan.FromMinutes(2),
        });
        client.NegotiatedProtocolVersion.Should().Be(version);
        await ClientDrive.RunAsync(client);
    }

    [Fact]
    public async Task Stdout_HasNothingButMessages_AndBadLinesAreAnswered()
    {
        await using TempFolder folder = new();
        using StdioChild child = new(folder.File("memory.db"));
        child.Send(Initialize);
        JsonElement.Parse(child.Read()!).GetProperty("id").GetInt32().Should().Be(1, "the stray line of the host went to stderr");
        foreach ((string line, int code) in ((string, int)[])
        [
            ("{", -32700), ("nonsense", -32700), ("[]", -32600), ("42", -32600), ("{\"a\":" + new string('[', 100) + new string(']', 100) + "}", -32700), ("{\"jsonrpc\":\"2.0\"} trailing", -32700),
        ])
        {
            child.Send(line);
            JsonElement answer = JsonElement.Parse(child.Read()!);
            answer.GetProperty("error").GetProperty("code").GetInt32().Should().Be(code, line);
            answer.GetProperty("id").ValueKind.Should().Be(JsonValueKind.Null);
        }

        child.Send("");
        child.Send("   ");
        child.Send("""{"jsonrpc":"2.0","id":"still","method":"ping"}""");
        JsonElement.Parse(child.Read()!).GetProperty("id").GetString().Should().Be("still");
    }

    [Fact]
    public async Task Line_TooLong_IsAnsweredAndNeverHeld()
    {
        await using PipeSession session = await PipeSession.StartAsync(new Host { Door = static o => o.MaxLineBytes = 1_024 }, connect: false);
        using StreamReader answers = new(session.FromServer);
        byte[] block = Encoding.ASCII.GetBytes(new string('x', 65_536));
        for (int i = 0; i < 64; i++)
        {
            await session.ToServer.WriteAsync(block);
        }

        await session.ToServer.WriteAsync("\n"u8.ToArray());
        (await answers.ReadLineAsync()).Should().Be("""{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"The message has 4194304 bytes; at most 1024 are allowed."}}""");
        await session.ToServer.WriteAsync("\"\xff\"\n"u8.ToArray());
        await session.ToServer.WriteAsync(Encoding.UTF8.GetBytes(Initialize + "\n"));
        (await answers.ReadLineAsync()).Should().Contain("\"error\"");
        (await answers.ReadLineAsync()).Should().Contain("protocolVersion");
    }

    [Fact]
    public async Task Line_NotUtf8_IsAnswered()
    {
        await using PipeSession session = await PipeSession.StartAsync(connect: false);
        using StreamReader answers = new(session.FromServer);
        await session.ToServer.WriteAsync((byte[])[.. "{\"a\":\""u8, 0xff, 0xfe, .. "\"}\n"u8]);
        (await answers.ReadLineAsync()).Should().Contain("-32700");
    }
}
