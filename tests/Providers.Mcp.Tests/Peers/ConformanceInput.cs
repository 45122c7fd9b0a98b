using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Server;
using static ModelContextProtocol.Protocol.ElicitRequestParams;

namespace Providers.Mcp.Tests.Peers;

/// <summary>
/// The tools and the prompt that ask the client for something and are called again with its answers, as revision 2026-07-28 has it, and those that
/// show what a call without a session may rely on.
/// </summary>
internal static class ConformanceInput
{
    private static readonly byte[] s_key = RandomNumberGenerator.GetBytes(32);

    public static IEnumerable<McpServerTool> Tools =>
    [
        Make("test_input_required_result_elicitation", static call => Text(call, "user_name", "name") is { } name ? $"Hello, {name}!" : throw Wanted(null, ("user_name", AskName()))),
        Make("test_input_required_result_sampling", static call => Answer(call, "capital_question", InputResponse.CreateMessageResultJsonTypeInfo) is { } said
            ? string.Concat(said.Content.OfType<TextContentBlock>().Select(static t => t.Text))
            : throw Wanted(null, ("capital_question", AskModel("What is the capital of France?", 100)))),
        Make("test_input_required_result_list_roots", static call => Answer(call, "client_roots", InputResponse.ListRootsResultJsonTypeInfo) is { } roots
            ? string.Join(' ', roots.Roots.Select(static r => r.Uri))
            : throw Wanted(null, ("client_roots", InputRequest.ForRootsList(new ListRootsRequestParams())))),
        Make("test_input_required_result_request_state", static call => Has(call, "confirm") && Opened(call) == "asked" ? "state-ok" : throw Wanted("asked", ("confirm", AskWhether()))),
        Make("test_input_required_result_multiple_inputs", static call => Has(call, "user_name") && Has(call, "greeting") && Has(call, "client_roots") && Opened(call) == "asked"
            ? $"{Text(call, "user_name", "name")} is greeted."
            : throw Wanted("asked", ("user_name", AskName()), ("greeting", AskModel("Generate a greeting", 50)), ("client_roots", InputRequest.ForRootsList(new ListRootsRequestParams())))),
        Make("test_input_required_result_multi_round", static call => Opened(call) switch
        {
            "second" when Text(call, "step2", "color") is { } color => $"Noted: {color}.",
            "first" when Has(call, "step1") => throw Wanted("second", ("step2", Ask("Step 2: What is your favorite color?", "color", new StringSchema()))),
            _ => throw Wanted("first", ("step1", Ask("Step 1: What is your name?", "name", new StringSchema()))),
        }),
        Make("test_input_required_result_tampered_state", static call => Opened(call) == "asked" ? "untouched" : throw Wanted("asked", ("confirm", AskWhether()))),
        Make("test_input_required_result_capabilities", static call => throw Wanted(null, call.Server.ClientCapabilities switch
        {
            { Sampling: not null } => ("capital_question", AskModel("What is the capital of France?", 100)),
            { Elicitation: not null } => ("user_name", AskName()),
            _ => throw new MissingRequiredClientCapabilityException(new ClientCapabilities { Sampling = new SamplingCapability() }, "Sampling or elicitation is needed."),
        })),
        Make("test_missing_capability", static call => call.Server.ClientCapabilities?.Sampling is not null ? "sampling is there"
            : throw new MissingRequiredClientCapabilityException(new ClientCapabilities { Sampling = new SamplingCapability() }, "Sampling is needed.")),
        Make("test_streaming_elicitation", static _ => "nothing but a result"),
        Make("test_logging_tool", static call =>
        {
            call.Server.AsClientLoggerProvider().CreateLogger("conformance").LogInformation("heard by those who asked for it");
            return "logged";
        }),
    ];

    public static McpServerPrompt Prompt => McpServerPrompt.Create(
        static (RequestContext<GetPromptRequestParams> request) => request.Params?.InputResponses?.TryGetValue("user_context", out InputResponse? said) is true && said.Deserialize(InputResponse.ElicitResultJsonTypeInfo) is { Content: { } given }
            ? $"Use this context: {given["context"]}"
            : throw Wanted(null, ("user_context", Ask("What context should the prompt use?", "context", new StringSchema()))),
        new McpServerPromptCreateOptions { Name = "test_input_required_result_prompt", Description = "A prompt of the official scenarios." });

    private static McpServerTool Make(string name, Func<RequestContext<CallToolRequestParams>, string> run) =>
        McpServerTool.Create((RequestContext<CallToolRequestParams> call) => run(call), new McpServerToolCreateOptions { Name = name, Description = "A tool of the official scenarios." });

    private static InputRequiredException Wanted(string? state, params (string Name, InputRequest Request)[] inputs) => new(inputs.ToDictionary(static i => i.Name, static i => i.Request), state is null ? null : Sealed(state));

    private static InputRequest AskName() => Ask("What is your name?", "name", new StringSchema());

    private static InputRequest AskWhether() => Ask("Please confirm", "ok", new BooleanSchema());

    private static InputRequest Ask(string message, string field, PrimitiveSchemaDefinition schema) =>
        InputRequest.ForElicitation(new ElicitRequestParams { Message = message, RequestedSchema = new RequestSchema { Properties = { [field] = schema }, Required = [field] } });

    private static InputRequest AskModel(string prompt, int tokens) =>
        InputRequest.ForSampling(new CreateMessageRequestParams { MaxTokens = tokens, Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = prompt }] }] });

    private static bool Has(RequestContext<CallToolRequestParams> call, string name) => call.Params?.InputResponses?.ContainsKey(name) is true;

    private static string? Text(RequestContext<CallToolRequestParams> call, string name, string field) =>
        Answer(call, name, InputResponse.ElicitResultJsonTypeInfo)?.Content?.TryGetValue(field, out JsonElement value) is true ? value.ToString() : null;

    /// <summary>What the client said; what makes no sense counts as not said, and is asked for again.</summary>
    private static T? Answer<T>(RequestContext<CallToolRequestParams> call, string name, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return Has(call, name) ? call.Params!.InputResponses![name].Deserialize(type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Sealed(string state) => $"{state}.{Convert.ToHexString(HMACSHA256.HashData(s_key, Encoding.UTF8.GetBytes(state)))}";

    /// <summary>The state as it was given out; none when there is none.</summary>
    private static string? Opened(RequestContext<CallToolRequestParams> call)
    {
        if (call.Params?.RequestState is not { } state)
        {
            return null;
        }

        string plain = state.Split('.')[0];
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sealed(plain)), Encoding.UTF8.GetBytes(state)) ? plain
            : throw new McpProtocolException("requestState is not as it was given out.", McpErrorCode.InvalidParams);
    }
}
