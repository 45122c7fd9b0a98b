using System.Net.Http.Headers;
using System.Text;
using Providers.Mcp.Tests.Support;

namespace Providers.Mcp.Tests.Isolation;

/// <summary>Over HTTP with the tenant's token, in both revisions.</summary>
internal sealed class HttpDoor : IDoor
{
    private const string Meta = """{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}""";
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };
    private readonly Uri _endpoint;
    private int _number;

    private HttpDoor(Uri endpoint, string token)
    {
        _endpoint = endpoint;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public string? Session { get; private set; }

    public static async Task<HttpDoor> OpenAsync(Uri endpoint, string token)
    {
        HttpDoor door = new(endpoint, token);
        door.Session = await Posts.OpenAsync(door._http, endpoint);
        return door;
    }

    public async Task<JsonElement?> AskAsync(string method, string? name, string parameters, Approach approach)
    {
        bool newer = approach is { Newer: true, StolenSession: null };
        string complete = !newer ? parameters : parameters == "{}" ? Meta + "}" : $"{Meta},{parameters[1..]}";
        string body = $$"""{"jsonrpc":"2.0","id":{{++_number}},"method":"{{method}}","params":{{complete}}}""";
        using HttpRequestMessage request = Posts.Of(_endpoint, Encoding.UTF8.GetBytes(body), newer ? "2026-07-28" : "2025-11-25", newer ? null : approach.StolenSession ?? Session);
        if (newer)
        {
            request.Headers.Add("Mcp-Method", method); // the newer revision wants in the headers what the body says
            if (name is not null)
            {
                request.Headers.Add("Mcp-Name", name);
            }
        }

        using HttpResponseMessage response = await _http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        return approach.StolenSession is not null && (int)response.StatusCode is >= 400 and < 500 ? null
            : Answer(text) ?? throw new InvalidOperationException($"{body} was answered {(int)response.StatusCode} {text}");
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return default;
    }

    /// <summary>The message with an id, alone or among the events of a stream; a refusal of the transport itself answers no request.</summary>
    private static JsonElement? Answer(string text)
    {
        IEnumerable<string> messages = text.StartsWith('{') ? [text] : text.Split('\n').Where(static l => l.StartsWith("data:", StringComparison.Ordinal)).Select(static l => l[5..]);
        foreach (string message in messages.Where(static m => !string.IsNullOrWhiteSpace(m)))
        {
            JsonElement json = JsonElement.Parse(message);
            if (json.TryGetProperty("id", out JsonElement id) && id.ValueKind is JsonValueKind.Number)
            {
                return json;
            }
        }

        return null;
    }
}
