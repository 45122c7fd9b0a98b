using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Mcp.Calls;
using Providers.Mcp.Tools;

namespace Providers.Mcp.Resources;

/// <summary>A handler bound as a resource: its arguments are in the address, its result is the text.</summary>
/// <param name="template">What it is; an address without braces is a resource of its own.</param>
/// <param name="tools">The handlers.</param>
/// <param name="tool">The handler's name.</param>
/// <param name="read">Reads an address; gives the arguments, or <see langword="null"/> for an address of somebody else's.</param>
internal sealed class ToolResource(ResourceTemplate template, ToolIndex tools, string tool, Func<string, Dictionary<string, object?>?> read) : McpServerResource
{
    public override ResourceTemplate ProtocolResourceTemplate => template;

    public override IReadOnlyList<object> Metadata => [];

    public override bool IsMatch(string uri) => read(uri) is not null;

    public override async ValueTask<ReadResourceResult> ReadAsync(RequestContext<ReadResourceRequestParams> request, CancellationToken cancellationToken = default)
    {
        string uri = request.Params!.Uri;
        JsonElement result = await tools.CallAsync(tool, CallPipeline.CallerOf(request), read(uri)!, cancellationToken).ConfigureAwait(false);
        return new ReadResourceResult { Contents = [new TextResourceContents { Uri = uri, MimeType = template.MimeType, Text = result.GetRawText() }] };
    }
}
