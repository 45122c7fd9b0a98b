using System.Text.Json.Nodes;

namespace Providers.Mcp.Tests.Support;

/// <summary>Short ways to call a tool and read what came.</summary>
internal static class Calls
{
    public static async Task<CallToolResult> CallAsync(this McpClient client, string tool, string arguments = "{}", CancellationToken token = default) =>
        await client.CallToolAsync(new CallToolRequestParams { Name = tool, Arguments = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(arguments) }, token);

    public static async Task<JsonElement> GoodAsync(this McpClient client, string tool, string arguments = "{}")
    {
        CallToolResult result = await client.CallAsync(tool, arguments);
        (result.IsError ?? false).Should().BeFalse("{0} {1}: {2}", tool, arguments, result.TextOf());
        return result.StructuredContent!.Value;
    }

    public static string TextOf(this CallToolResult result) => string.Concat(result.Content.OfType<TextContentBlock>().Select(static t => t.Text));

    public static string? CodeOf(this CallToolResult result) => result.IsError is true ? result.Meta?["providers/error"]?["code"]?.GetValue<string>() : null;

    public static long? RetryOf(this CallToolResult result) => result.Meta?["providers/error"]?["retry_after_seconds"]?.GetValue<long>();

    public static JsonNode Node(this JsonElement element) => JsonNode.Parse(element.GetRawText())!;
}
