using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;
using Providers.Mcp.Tests.Support;

namespace Providers.Mcp.Tests.Http;

/// <summary>Whose fault it was: a message that makes no sense is the caller's, whatever else goes wrong is ours.</summary>
public sealed class FaultTests
{
    private const string Client = "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"t\",\"version\":\"1\"},\"io.modelcontextprotocol/clientCapabilities\":{}";
    private const string List = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"," + Client + "}}}";

    public static TheoryData<string, string> Wrong => new()
    {
        { "a version that is half a character", List.Replace("2026-07-28", "\\ud800", StringComparison.Ordinal) },
        { "metadata named twice, of a version that is half a character", List.Replace("2026-07-28", "\\ud800", StringComparison.Ordinal).Replace("\"_meta\":{", "\"_meta\":{\"a\":1,\"a\":2,", StringComparison.Ordinal) },
        { "a part named twice, beside a version that is half a character", List.Replace("2026-07-28", "\\ud800", StringComparison.Ordinal).Replace("\"_meta\":{", "\"ref\":1,\"ref\":2,\"_meta\":{", StringComparison.Ordinal) },
        { "a name that is no UTF-8", List.Replace("\"_meta\"", "\"\u00ff\":1,\"_meta\"", StringComparison.Ordinal) },
        { "a beginning without a client", """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}""" },
        { "a beginning with a version of the wrong type", """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":{},"capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Message_WithoutSense_IsTheCallersFault(string what, string message)
    {
        await using HttpHost host = await HttpHost.StartAsync();
        (HttpStatusCode status, string body) = await SendAsync(host, Encoding.Latin1.GetBytes(message), message.Contains("initialize", StringComparison.Ordinal) ? "2025-11-25" : "2026-07-28");
        status.Should().Be(HttpStatusCode.BadRequest, "{0}: {1} {2}", what, body, string.Join(' ', host.Host.Logs.GetSnapshot().Select(static r => r.Exception)));
        JsonElement.Parse(body).GetProperty("error").GetProperty("code").GetInt32().Should().Be(-32600);
        host.Host.Logs.GetSnapshot().Should().Contain(static r => r.Id.Id == 850 && r.Level == LogLevel.Warning).And.NotContain(static r => r.Level >= LogLevel.Error);
    }

    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(NullReferenceException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(OperationCanceledException))]
    public async Task Fault_OfTheHost_IsOursAndSaysNothingOfTheInside(Type kind)
    {
        Exception fault = (Exception)Activator.CreateInstance(kind, SwitchedStore.Secret)!;
        await using HttpHost host = await HttpHost.StartAsync(more: mcp => mcp.Services.Configure<HttpServerTransportOptions>(o => o.ConfigureSessionOptions = (_, _, _) => throw fault));
        (HttpStatusCode status, string body) = await SendAsync(host, Encoding.UTF8.GetBytes(List), "2026-07-28");
        status.Should().Be(HttpStatusCode.InternalServerError);
        JsonElement error = JsonElement.Parse(body).GetProperty("error");
        error.GetProperty("code").GetInt32().Should().Be(-32603);
        string message = error.GetProperty("message").GetString()!;
        message.Should().StartWith("The message could not be carried out; try again later. The host's log has the cause under ").And.NotContain("secret");
        string reference = message[^33..^1];
        host.Host.Logs.GetSnapshot().Should().ContainSingle(r => r.Id.Id == 851 && r.Level == LogLevel.Error && r.Message.Contains(reference) && r.Exception == fault);
    }

    private static async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpHost host, byte[] body, string version)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, host.Endpoint) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", version);
        request.Headers.Add("Mcp-Method", version == "2026-07-28" ? "tools/list" : "initialize");
        using HttpResponseMessage response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
