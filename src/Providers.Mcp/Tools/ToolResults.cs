using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;
using Providers.Tools;

namespace Providers.Mcp.Tools;

/// <summary>Results as the protocol has them. An error is text with its code in <c>_meta</c>: structured content beside it would be held against the output schema by clients.</summary>
internal static class ToolResults
{
    public const string ErrorKey = "providers/error";

    public static CallToolResult Success(object? result, AIFunction function)
    {
        if (result is null or string)
        {
            return Text(result as string ?? "");
        }

        JsonElement json = result as JsonElement? ?? JsonSerializer.SerializeToElement(result, function.JsonSerializerOptions.GetTypeInfo(result.GetType()));
        CallToolResult answer = Text(json.ValueKind is JsonValueKind.String ? json.GetString()! : Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(json)));
        if (json.ValueKind is JsonValueKind.Object)
        {
            answer.StructuredContent = json;
        }

        return answer;
    }

    public static CallToolResult Error(ToolException failure)
    {
        JsonObject error = new() { ["code"] = failure.CodeName };
        if (failure.RetryAfter is { } wait)
        {
            error["retry_after_seconds"] = (long)Math.Ceiling(Math.Min(wait.TotalSeconds, int.MaxValue));
        }

        CallToolResult answer = Text(failure.Message);
        answer.IsError = true;
        answer.Meta = new JsonObject { [ErrorKey] = error };
        return answer;
    }

    public static string OutcomeOf(CallToolResult result) =>
        result.IsError is not true ? "ok" : result.Meta?[ErrorKey]?["code"]?.GetValue<string>() ?? "failed";

    public static long SizeOf(CallToolResult result)
    {
        long size = 0;
        foreach (ContentBlock block in result.Content)
        {
            size += block is TextContentBlock text ? text.Text.Length : 0;
        }

        return size;
    }

    private static CallToolResult Text(string text) => new() { Content = [new TextContentBlock { Text = text }] };
}
