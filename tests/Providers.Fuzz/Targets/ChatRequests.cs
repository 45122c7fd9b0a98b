using Providers.AspNetCore.Errors;
using Providers.AspNetCore.OpenAI;
using Providers.AspNetCore.Reading;

namespace Providers.Fuzz.Targets;

/// <summary>A chat request as the OpenAI-compatible endpoint takes it.</summary>
internal sealed class ChatRequests : FuzzTarget
{
    public override string Name => "json-chat";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("""{"model":"chat","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"Hello"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}],"stream":true,"stream_options":{"include_usage":true},"temperature":0.5,"max_tokens":7,"stop":["x"],"seed":4,"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object"}}}}"""),
        Text("""{"model":"chat","messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"t1","content":"2"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}}],"tool_choice":{"type":"function","function":{"name":"f"}}}"""),
    ];

    public override IReadOnlyList<string> Words => ["\"role\":\"developer\"", "\"content\":[", "\"tool_choice\":\"required\"", "\"image_url\":{\"url\":\"http://127.0.0.1/\"}", "\"type\":\"input_audio\"", "\"n\":2", "\"max_completion_tokens\":"];

    public override Task<bool> ReadAsync(byte[] input)
    {
        try
        {
            ChatCompletionRequest request = JsonText.Parse(input, OpenAIJson.Default.ChatCompletionRequest);
            if (request.Messages is { Count: > 0 } messages)
            {
                MessageReader.Read(messages);
            }

            OptionsReader.Read(request);
            return Task.FromResult(true);
        }
        catch (ApiException)
        {
            return Task.FromResult(false);
        }
    }
}
