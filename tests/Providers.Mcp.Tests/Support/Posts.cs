using System.Net.Http.Headers;
using System.Text;

namespace Providers.Mcp.Tests.Support;

/// <summary>Messages to a server over HTTP as they are, without a client in between.</summary>
internal static class Posts
{
    public const string Initialize = """{"jsonrpc":"2.0","id":"start","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    /// <summary>Opens a session of the older revision.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> OpenAsync(HttpClient http, Uri endpoint)
    {
        using HttpRequestMessage request = Of(endpoint, Encoding.UTF8.GetBytes(Initialize), "2025-11-25", null);
        using HttpResponseMessage response = await http.SendAsync(request);
        return response.EnsureSuccessStatusCode().Headers.GetValues("Mcp-Session-Id").Single();
    }

    public static HttpRequestMessage Of(Uri endpoint, byte[] body, string version, string? session)
    {
        HttpRequestMessage request = new(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", version);
        if (session is not null)
        {
            request.Headers.Add("Mcp-Session-Id", session);
        }

        return request;
    }
}
