using System.Net;
using Providers.Mcp.Tests.Support;

namespace Providers.Mcp.Tests.Http;

/// <summary>A call that a client of the older revision takes back: no answer, and nothing that stays open.</summary>
public sealed class CancelTests
{
    [Fact]
    public async Task Call_TakenBackByAMessage_EndsItsResponseWithoutAnAnswer()
    {
        await using HttpHost host = await HttpHost.StartAsync();
        using HttpClient http = new() { Timeout = TimeSpan.FromMinutes(2) };
        string session = await Posts.OpenAsync(http, host.Endpoint);
        host.Host.Switch.Held = true;
        using HttpRequestMessage call = Of(host, session, """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"memory_stats","arguments":{}}}""");
        Task<HttpResponseMessage> answering = http.SendAsync(call);
        await host.Host.Switch.Entered.Task.WaitAsync(TimeSpan.FromMinutes(1));
        using HttpRequestMessage back = Of(host, session, """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}""");
        using HttpResponseMessage taken = await http.SendAsync(back);
        taken.StatusCode.Should().Be(HttpStatusCode.Accepted);
        using HttpResponseMessage answer = await answering;
        (await answer.Content.ReadAsStringAsync()).Should().NotContain("jsonrpc");
        host.Host.Switch.Held = false;
        using HttpRequestMessage again = Of(host, session, """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"memory_stats","arguments":{}}}""");
        using HttpResponseMessage good = await http.SendAsync(again);
        (await good.Content.ReadAsStringAsync()).Should().Contain("\"result\"", "the session goes on");
    }

    private static HttpRequestMessage Of(HttpHost host, string session, string body) => Posts.Of(host.Endpoint, System.Text.Encoding.UTF8.GetBytes(body), "2025-11-25", session);
}
