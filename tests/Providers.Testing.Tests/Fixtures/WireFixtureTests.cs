using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Providers.Testing.Tests.Fixtures;

public sealed class WireFixtureTests
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "wire-fixtures");

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Root, "*.http", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Fixture_Replayed_IsWhatTheFileSaysByteForByte(string file)
    {
        string text = await File.ReadAllTextAsync(Path.Combine(Root, file));
        WireFixture fixture = WireFixture.Load(Path.Combine(Root, file));
        await using FixtureServer server = await FixtureServer.StartAsync(fixture);
        using TcpClient client = new();
        await client.ConnectAsync("127.0.0.1", server.Endpoint.Port);
        NetworkStream stream = client.GetStream();
        byte[] body = Encoding.UTF8.GetBytes(fixture.RequestBody);
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{fixture.Method} {fixture.Target} HTTP/1.1\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n"));
        await stream.WriteAsync(body);
        byte[] expected = Expected(text);
        byte[] got = new byte[expected.Length];
        await stream.ReadExactlyAsync(got);
        Encoding.UTF8.GetString(got).Should().Be(Encoding.UTF8.GetString(expected));
        if (!text.Contains("@end hang", StringComparison.Ordinal))
        {
            (await stream.ReadAsync(new byte[1])).Should().Be(0, "the connection closes after the answer");
        }

        server.Differences.Should().BeEmpty();
        server.Requests.Should().ContainSingle();
    }

    [Fact]
    public void Fixtures_AllAreExpected() =>
        Files.Should().HaveCount(57);

    [Fact]
    public void Difference_OfAnotherOrder_IsNone_OfAnotherValueIsTold()
    {
        WireFixture fixture = WireFixture.Parse("x", "%% request\nPOST /a\n\n{\"a\":1,\"b\":2}\n%% response\n200 OK\n@framing close\n\n@chunk\nhi\n@end ok\n");
        fixture.Difference("POST", "/a", "{\"b\":2,\"a\":1}").Should().BeNull();
        fixture.Difference("POST", "/a", "{\"b\":3,\"a\":1}").Should().Contain("not {");
        fixture.Difference("GET", "/a", "").Should().Contain("GET /a");
        fixture.Difference("POST", "/a", "{").Should().Contain("no JSON");
    }

    [Theory]
    [InlineData("")]
    [InlineData("%% request\nPOST\n\n%% response\n200 OK\n@framing close\n\n@end ok\n")]
    [InlineData("%% request\nPOST /\n\n%% response\n200 OK\n\n@end ok\n")]
    [InlineData("%% request\nPOST /\n\n%% response\n200 OK\n@framing odd\n\n@end ok\n")]
    [InlineData("%% request\nPOST /\n\n%% response\n200 OK\n@framing close\n\n@chunk soon\nx\n@end ok\n")]
    public void Parse_OfNoFixture_SaysSo(string text)
    {
        Action parse = () => WireFixture.Parse("x", text);
        parse.Should().Throw<FormatException>().WithMessage("*'x'*");
    }

    [Fact]
    public async Task Server_WithSeveral_AnswersByPath_AndNotesTheOthers()
    {
        WireFixture a = WireFixture.Parse("a", "%% request\nGET /a\n\n%% response\n200 OK\n@framing content-length\n\n@chunk\nA\n@end ok\n");
        WireFixture b = WireFixture.Parse("b", "%% request\nGET /b\n\n%% response\n200 OK\n@framing chunked\n\n@chunk pause=1\nB\n@end ok\n");
        await using FixtureServer server = await FixtureServer.StartAsync([a, b]);
        using HttpClient http = new() { BaseAddress = server.Endpoint };
        (await http.GetStringAsync("/a")).Should().Be("A");
        (await http.GetStringAsync("/b")).Should().Be("B");
        (await http.GetAsync("/c")).StatusCode.Should().Be(System.Net.HttpStatusCode.NotFound);
        server.Differences.Should().Equal("GET /c was sent; no fixture has it.");
    }

    /// <summary>An independent reading of the format, as its README words it.</summary>
    private static byte[] Expected(string text)
    {
        string[] lines = text[(text.IndexOf("%% response\n", StringComparison.Ordinal) + 12)..].Split('\n');
        if (lines[0] == "-")
        {
            return [];
        }

        List<string> head = [lines[0].StartsWith("HTTP", StringComparison.Ordinal) ? lines[0] : "HTTP/1.1 " + lines[0]];
        int i = 1;
        for (; !lines[i].StartsWith("@framing", StringComparison.Ordinal); i++)
        {
            head.Add(lines[i]);
        }

        string framing = lines[i].Split(' ')[1];
        List<byte[]> chunks = [];
        for (i += 2; !lines[i].StartsWith("@end", StringComparison.Ordinal);)
        {
            List<string> chunk = [];
            for (i++; !lines[i].StartsWith('@'); i++)
            {
                chunk.Add(lines[i]);
            }

            chunks.Add(Encoding.UTF8.GetBytes(string.Concat(chunk.Select(static l => l + "\n"))[..^1]));
        }

        head.AddRange(framing switch
        {
            "content-length" => ["Content-Length: " + chunks.Sum(static c => c.Length).ToString(CultureInfo.InvariantCulture)],
            "chunked" => ["Transfer-Encoding: chunked"],
            _ => Array.Empty<string>(),
        });
        bool chunked = framing == "chunked";
        IEnumerable<byte> body = chunks.SelectMany(c => chunked ? [.. Encoding.ASCII.GetBytes(c.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"), .. c, .. "\r\n"u8] : c);
        return [.. Encoding.Latin1.GetBytes(string.Join("\r\n", head) + "\r\n\r\n"), .. body, .. chunked && lines[i] == "@end ok" ? "0\r\n\r\n"u8.ToArray() : []];
    }
}
