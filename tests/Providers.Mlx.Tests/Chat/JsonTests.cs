using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Mlx.Tests;

public sealed class JsonTests
{
    private const string City = """{"type":"object","properties":{"city":{"type":"string","minLength":2},"size":{"type":"integer","minimum":0}},"required":["city"],"additionalProperties":false}""";

    private static readonly ChatOptions Schema = new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse(City).RootElement, "city") };

    [Theory]
    [InlineData("{\"city\":", "\"Oslo\"}", "{\"city\":\"Oslo\"}")]
    [InlineData("```json\n{\"city\":", "\"Oslo\"}\n```", "{\"city\":\"Oslo\"}")]
    public async Task Schema_ValidAnswer_ComesWithoutItsFence(string first, string second, string json)
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Answer(first, second)));
        await using MlxProvider provider = Chat.Attach(server);
        ChatResponse response = await Chat.AskAsync(provider, Schema);
        response.Text.Should().Be(json);
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
        response.Usage!.OutputTokenCount.Should().Be(4);
        JsonElement sent = server.Exchanges[0].Json;
        sent.TryGetProperty("response_format", out _).Should().BeFalse();
        sent.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetRawText().Should().Contain("Capital of Norway").And.Contain("JSON Schema");
        Chat.Question.Single().Text.Should().Be("Capital of Norway?", "the caller's messages stay as they are");
    }

    [Theory]
    [InlineData("{\"size\":1}", "$.city is missing")]
    [InlineData("{\"city\":5}", "$.city is number")]
    [InlineData("{\"city\":\"Oslo\",\"x\":1}", "$.x is not allowed")]
    [InlineData("The capital is Oslo.", "not the JSON")]
    public async Task Schema_InvalidAnswer_FailsBeforeAnyTextWasHandedOut(string answer, string message)
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Answer(answer)));
        await using MlxProvider provider = Chat.Attach(server);
        (List<ChatResponseUpdate> updates, ProviderException? failure) = await Chat.StreamAsync(provider, Schema);
        failure!.Kind.Should().Be(FailureKind.InvalidResponse);
        failure.OutputCommitted.Should().BeFalse();
        failure.Message.Should().Contain(message);
        updates.Should().NotContain(u => u.Text.Length > 0);
    }

    [Theory]
    [InlineData("[1]", false)]
    [InlineData("{\"a\":1}", true)]
    public async Task Json_WithoutSchema_MustBeAnObject(string answer, bool valid)
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Answer(answer)));
        await using MlxProvider provider = Chat.Attach(server);
        (_, ProviderException? failure) = await Chat.StreamAsync(provider, new ChatOptions { ResponseFormat = ChatResponseFormat.Json });
        (failure is null).Should().Be(valid);
    }

    [Fact]
    public async Task Schema_ToolCall_IsNoAnswerYet()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Head
            + Sse.Delta("""{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"},"type":"function","id":"1","index":0}]}""")
            + Sse.End("tool_calls")));
        await using MlxProvider provider = Chat.Attach(server);
        ChatResponse response = await Chat.AskAsync(provider, Schema);
        response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().Should().ContainSingle();
        response.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
    }

    [Fact]
    public async Task Schema_Refused_NamesTheMissingCapability()
    {
        await using RawServer server = new(_ => Task.CompletedTask);
        await using MlxProvider provider = Chat.Attach(server, o => o.JsonSchema = MlxSchemaMode.Refused);
        (await Chat.FailsAsync(provider, Schema)).Failure.MissingCapability.Should().Be(ModelCapabilities.JsonSchema);
        server.Exchanges.Should().BeEmpty();
    }

    [Fact]
    public void Ask_NoUserMessage_AddsOne() =>
        PromptedJson.Ask([new ChatMessage(ChatRole.System, "x")], (ChatResponseFormatJson)ChatResponseFormat.Json)[^1].Role.Should().Be(ChatRole.User);

    [Theory]
    [InlineData("true", "5", null)]
    [InlineData("false", "5", "$ is not allowed")]
    [InlineData("""{"type":["string","null"]}""", "null", null)]
    [InlineData("""{"type":["string","null"]}""", "true", "$ is boolean")]
    [InlineData("""{"type":"integer"}""", "5.0", null)]
    [InlineData("""{"type":"integer"}""", "5.5", "$ is number")]
    [InlineData("""{"enum":["a","b"]}""", "\"b\"", null)]
    [InlineData("""{"enum":["a","b"]}""", "\"c\"", "none of")]
    [InlineData("""{"const":3}""", "4", "is not 3")]
    [InlineData("""{"const":3}""", "3", null)]
    [InlineData("""{"minimum":3}""", "2", "less than its minimum")]
    [InlineData("""{"maximum":3}""", "4", "more than its maximum")]
    [InlineData("""{"exclusiveMinimum":3}""", "3", "exclusive minimum")]
    [InlineData("""{"exclusiveMaximum":3}""", "3", "exclusive maximum")]
    [InlineData("""{"minimum":3,"maximum":5}""", "4", null)]
    [InlineData("""{"minLength":3}""", "\"ab\"", "shorter")]
    [InlineData("""{"maxLength":1}""", "\"ab\"", "longer")]
    [InlineData("""{"maxLength":1}""", "\"🙂\"", null)]
    [InlineData("""{"minLength":2}""", "\"🙂\"", "shorter")]
    [InlineData("""{"pattern":"^[a-z]+$"}""", "\"ab\"", null)]
    [InlineData("""{"pattern":"^[a-z]+$"}""", "\"A\"", "pattern")]
    [InlineData("""{"pattern":"("}""", "\"A\"", null)]
    [InlineData("""{"items":{"type":"string"}}""", """["a",1]""", "$[1] is number")]
    [InlineData("""{"items":{"type":"string"}}""", """["a"]""", null)]
    [InlineData("""{"minItems":2}""", "[1]", "1 items")]
    [InlineData("""{"maxItems":2}""", "[1,2,3]", "3 items")]
    [InlineData("""{"maxItems":2}""", "[1,2]", null)]
    [InlineData("""{"additionalProperties":{"type":"string"}}""", """{"a":1}""", "$.a is number")]
    [InlineData("""{"properties":{"a":{"type":"object","required":["b"]}}}""", """{"a":{},"z":1}""", "$.a.b is missing")]
    [InlineData("""{"additionalProperties":false,"patternProperties":{"^x-":{}}}""", """{"x-a":1}""", null)]
    [InlineData("""{"prefixItems":[{"type":"string"},{"type":"number"}],"items":false}""", """["a",1]""", null)]
    [InlineData("""{"prefixItems":[{"type":"string"},{"type":"number"}],"items":false}""", """["a",1,2]""", "$[2] is not allowed")]
    [InlineData("""{"prefixItems":[{"type":"string"},{"type":"number"}]}""", """["a","b"]""", "$[1] is string")]
    [InlineData("""{"prefixItems":[{"type":"string"}]}""", """["a","b"]""", null)]
    [InlineData("""{"allOf":[{"type":"number"},{"minimum":3}]}""", "2", "minimum")]
    [InlineData("""{"allOf":[{"type":"number"},{"minimum":3}]}""", "3", null)]
    [InlineData("""{"anyOf":[{"type":"number"},{"type":"null"}]}""", "\"x\"", "anyOf")]
    [InlineData("""{"anyOf":[{"type":"number"},{"type":"null"}]}""", "null", null)]
    [InlineData("""{"oneOf":[{"type":"number"},{"minimum":3}]}""", "4", "oneOf")]
    [InlineData("""{"oneOf":[{"type":"number"},{"type":"string"}]}""", "4", null)]
    [InlineData("""{"$defs":{"n~/x":{"type":"number"}},"items":{"$ref":"#/$defs/n~0~1x"}}""", """["a"]""", "$[0] is string")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "1", null)]
    [InlineData("""{"$ref":"other.json"}""", "1", null)]
    [InlineData("""{"$ref":"#"}""", "1", "nested deeper")]
    [InlineData("5", "1", null)]
    public void SchemaCheck_Keyword_IsChecked(string schema, string value, string? error)
    {
        string? found = new JsonSchemaCheck(JsonDocument.Parse(schema).RootElement).Error(JsonDocument.Parse(value).RootElement);
        if (error is null)
        {
            found.Should().BeNull();
        }
        else
        {
            found.Should().Contain(error);
        }
    }
}
