using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Providers.Testing.Sockets;

/// <summary>One HTTP request as it came over the socket.</summary>
internal sealed record WireRequest(string Method, string Target, string Version, IReadOnlyDictionary<string, string> Headers, byte[] Body, bool Chunked)
{
    public string Path => Target.Split('?', 2)[0];

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Gets the body as a JSON object; <see langword="null"/> when it is none.</summary>
    public JsonObject? Json { get; } = Parse(Body);

    public string? Model => Json?["model"] is JsonValue value && value.TryGetValue(out string? model) ? model : null;

    public bool KeepsAlive => Version != "HTTP/1.0" && !(Headers.TryGetValue("Connection", out string? c) && c.Equals("close", StringComparison.OrdinalIgnoreCase));

    private static JsonObject? Parse(byte[] body)
    {
        try
        {
            return body.Length == 0 ? null : JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
