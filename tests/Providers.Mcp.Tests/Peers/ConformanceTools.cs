using ModelContextProtocol;
using ModelContextProtocol.Server;
using static ModelContextProtocol.Protocol.ElicitRequestParams;

namespace Providers.Mcp.Tests.Peers;

/// <summary>The tools that the official scenarios call by name. They stand beside ours, behind the same pipeline.</summary>
internal static class ConformanceTools
{
    private static readonly byte[] s_png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
    private static readonly byte[] s_wav = Convert.FromBase64String("UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=");

    public static IEnumerable<McpServerTool> All =>
    [
        Make("test_simple_text", static () => "This is a simple text response for testing."),
        Make("test_image_content", static () => new CallToolResult { Content = [Image()] }),
        Make("test_audio_content", static () => new CallToolResult { Content = [AudioContentBlock.FromBytes(s_wav, "audio/wav")] }),
        Make("test_embedded_resource", static () => new CallToolResult { Content = [Embedded("test://embedded-resource", "This is an embedded resource content.")] }),
        Make("test_multiple_content_types", static () => new CallToolResult { Content = [new TextContentBlock { Text = "Multiple content types test:" }, Image(), Embedded("test://mixed-content-resource", "{\"test\":\"data\",\"value\":123}", "application/json")] }),
        Make("test_tool_with_logging", LogAsync),
        Make("test_tool_with_progress", static (IProgress<ProgressNotificationValue> progress) =>
        {
            foreach (int done in (ReadOnlySpan<int>)[0, 50, 100])
            {
                progress.Report(new ProgressNotificationValue { Progress = done, Total = 100 });
            }

            return "done";
        }),
        Make("test_error_handling", static () => new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = "This tool intentionally returns an error for testing" }] }),
        Make("test_sampling", SampleAsync),
        Make("test_elicitation", ElicitAsync),
        Make("test_elicitation_sep1034_defaults", static (McpServer server, CancellationToken token) => AskAsync(server, Defaults(), "Please answer", token)),
        Make("test_elicitation_sep1330_enums", static (McpServer server, CancellationToken token) => AskAsync(server, Enums(), "Please answer", token)),
        Make("test_reconnection", ReconnectAsync),
        SchemaTool(),
    ];

    private static McpServerTool Make(string name, Delegate run) => McpServerTool.Create(run, new McpServerToolCreateOptions { Name = name, Description = "A tool of the official scenarios." });

    private static ImageContentBlock Image() => ImageContentBlock.FromBytes(s_png, "image/png");

    private static EmbeddedResourceBlock Embedded(string uri, string text, string type = "text/plain") => new() { Resource = new TextResourceContents { Uri = uri, MimeType = type, Text = text } };

    private static async Task<string> LogAsync(McpServer server, CancellationToken token)
    {
        foreach (string message in (string[])["Tool execution started", "Tool processing data", "Tool execution completed"])
        {
            await server.SendNotificationAsync(
                NotificationMethods.LoggingMessageNotification,
                new LoggingMessageNotificationParams { Level = LoggingLevel.Info, Data = JsonSerializer.SerializeToElement(message) }, cancellationToken: token);
        }

        return "logged";
    }

    private static async Task<string> SampleAsync(McpServer server, string prompt, CancellationToken token)
    {
        CreateMessageResult answer = await server.SampleAsync(
            new CreateMessageRequestParams { MaxTokens = 100, Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = prompt }] }] }, token);
        return $"LLM response: {string.Concat(answer.Content.OfType<TextContentBlock>().Select(static t => t.Text))}";
    }

    private static Task<string> ElicitAsync(McpServer server, string message, CancellationToken token) => AskAsync(
        server,
        new RequestSchema { Properties = { ["username"] = new StringSchema { Description = "User's response" }, ["email"] = new StringSchema { Description = "User's email address" } }, Required = ["username", "email"] },
        message, token);

    private static async Task<string> AskAsync(McpServer server, RequestSchema schema, string message, CancellationToken token)
    {
        ElicitResult answer = await server.ElicitAsync(new ElicitRequestParams { Message = message, RequestedSchema = schema }, token);
        return $"Elicitation completed: action={answer.Action}, content={JsonSerializer.Serialize(answer.Content)}";
    }

    private static RequestSchema Defaults() => new()
    {
        Properties =
        {
            ["name"] = new StringSchema { Default = "John Doe" },
            ["age"] = new NumberSchema { Type = "integer", Default = 30 },
            ["score"] = new NumberSchema { Default = 95.5 },
            ["status"] = new UntitledSingleSelectEnumSchema { Enum = ["active", "inactive", "pending"], Default = "active" },
            ["verified"] = new BooleanSchema { Default = true },
        },
    };

    private static RequestSchema Enums() => new()
    {
        Properties =
        {
            ["untitledSingle"] = new UntitledSingleSelectEnumSchema { Enum = ["option1", "option2", "option3"] },
            ["titledSingle"] = new TitledSingleSelectEnumSchema { OneOf = Options("Option") },
            ["legacyEnum"] = new LegacyTitledEnumSchema { Enum = ["opt1", "opt2", "opt3"], EnumNames = ["Option One", "Option Two", "Option Three"] },
            ["untitledMulti"] = new UntitledMultiSelectEnumSchema { Items = new UntitledEnumItemsSchema { Enum = ["option1", "option2", "option3"] } },
            ["titledMulti"] = new TitledMultiSelectEnumSchema { Items = new TitledEnumItemsSchema { AnyOf = Options("Choice") } },
        },
    };

    private static List<EnumSchemaOption> Options(string word) =>
        [new EnumSchemaOption { Const = "value1", Title = $"First {word}" }, new EnumSchemaOption { Const = "value2", Title = $"Second {word}" }, new EnumSchemaOption { Const = "value3", Title = $"Third {word}" }];

    private static async Task<string> ReconnectAsync(RequestContext<CallToolRequestParams> context, CancellationToken token)
    {
        await context.EnablePollingAsync(TimeSpan.FromMilliseconds(500), token);
        await Task.Delay(100, token); // the scenario asks for an answer after the stream has closed; the client's return gives no signal here
        return "Reconnection test completed successfully.";
    }

    private static McpServerTool SchemaTool()
    {
        McpServerTool tool = Make("json_schema_2020_12_tool", static () => "ok");
        tool.ProtocolTool.InputSchema = JsonElement.Parse("""
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
             "$defs":{"address":{"type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}}},
             "properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"}},"additionalProperties":false}
            """);
        return tool;
    }
}
