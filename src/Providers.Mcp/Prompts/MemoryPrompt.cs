using System.Text;
using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Mcp.Calls;
using Providers.Mcp.Tools;
using Providers.Tools;

namespace Providers.Mcp.Prompts;

/// <summary>A prompt that quotes memories: as data, each between its marks and with its source, in a message of the user's and never of the system's.</summary>
internal abstract class MemoryPrompt(ToolIndex tools, Prompt prompt) : McpServerPrompt
{
    private const int MostLength = 4_096;

    public override Prompt ProtocolPrompt => prompt;

    public override IReadOnlyList<object> Metadata => [];

    public override async ValueTask<GetPromptResult> GetAsync(RequestContext<GetPromptRequestParams> request, CancellationToken cancellationToken = default)
    {
        Dictionary<string, string> arguments = Read(request.Params?.Arguments);
        string text = await WriteAsync(arguments, CallPipeline.CallerOf(request), cancellationToken).ConfigureAwait(false);
        return new GetPromptResult { Description = prompt.Description, Messages = [new PromptMessage { Role = Role.User, Content = new TextContentBlock { Text = text } }] };
    }

    protected abstract ValueTask<string> WriteAsync(Dictionary<string, string> arguments, ToolCaller caller, CancellationToken cancellationToken);

    protected ValueTask<JsonElement> CallAsync(string tool, ToolCaller caller, Dictionary<string, object?> arguments, CancellationToken cancellationToken) =>
        tools.CallAsync(tool, caller, arguments, cancellationToken);

    protected static string Quote(JsonElement result)
    {
        StringBuilder text = new();
        text.AppendLine(result.GetProperty("notice").GetString());
        foreach (JsonElement item in result.GetProperty("items").EnumerateArray())
        {
            text.AppendLine().Append("id ").Append(item.GetProperty("id").GetString()).Append(", version ").Append(item.GetProperty("version").GetInt64())
                .Append(", kind ").Append(item.GetProperty("kind").GetString()).Append(", stored ").Append(item.GetProperty("created").GetString()!.AsSpan(0, 10)).AppendLine()
                .AppendLine(item.GetProperty("text").GetString());
        }

        return text.ToString();
    }

    private Dictionary<string, string> Read(IDictionary<string, JsonElement>? given)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in given ?? new Dictionary<string, JsonElement>())
        {
            if (prompt.Arguments!.All(a => a.Name != name))
            {
                throw Wrong($"{name}: is no argument of {prompt.Name}; there are {string.Join(", ", prompt.Arguments!.Select(static a => a.Name))}.");
            }

            if (value.ValueKind is not JsonValueKind.String || value.GetString() is not { Length: <= MostLength } text)
            {
                throw Wrong($"{name}: must be text of at most {MostLength} characters.");
            }

            values[name] = text;
        }

        return prompt.Arguments!.FirstOrDefault(a => a.Required is true && string.IsNullOrWhiteSpace(values.GetValueOrDefault(a.Name))) is { } missing
            ? throw Wrong($"{missing.Name}: is missing.")
            : values;
    }

    private static ToolException Wrong(string message) => new(ToolErrorCode.InvalidInput, message);
}
