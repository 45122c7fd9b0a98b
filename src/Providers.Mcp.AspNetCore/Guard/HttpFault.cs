using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Providers.Mcp.Guard;

/// <summary>What became of a message that ended, before its answer began, as an exception of the transport; tools, resources and prompts never end so.</summary>
internal static class HttpFault
{
    /// <summary>How System.Text.Json marks an exception whose cause is in the text that was read: bytes that are no UTF-8, half a surrogate pair.</summary>
    private const string InTheText = "System.Text.Json.Rethrowable";

    /// <summary>Where the ordered dictionary under a JSON object says that the message names a part twice.</summary>
    private const string InAnObject = "System.Collections";

    /// <summary>Whether somebody is still there to be told, and the server itself does not know what to say.</summary>
    public static bool IsAnswerable(Exception exception, HttpContext context) =>
        !context.RequestAborted.IsCancellationRequested && exception is not (BadHttpRequestException or ConnectionResetException);

    /// <summary>Whether the message was JSON that makes no sense to the transport.</summary>
    public static bool IsCallers(Exception exception, HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && exception is (JsonException or InvalidOperationException { Source: InTheText } or ArgumentException { Source: InAnObject, ParamName: "key" });
}
