using Providers.Routing;

namespace Providers.Tests.Routing;

public sealed class RequestNeedsTests
{
    [Fact]
    public void Tokens_OfMessages_AreAQuarterOfTheirCharactersAndAFrameEach()
    {
        RequestNeeds.Tokens([new ChatMessage(ChatRole.User, new string('x', 400))]).Should().Be(104);
        RequestNeeds.Tokens([new ChatMessage(ChatRole.User, new string('x', 400)), new ChatMessage(ChatRole.Assistant, [new TextReasoningContent(new string('y', 40)), new TextContent("abcd")])]).Should().Be(119);
        RequestNeeds.Tokens([new ChatMessage(ChatRole.User, [new DataContent(new byte[9_000], "image/png")])]).Should().Be(4, "bodies are not read");
        RequestNeeds.Tokens((IReadOnlyList<ChatMessage>)[]).Should().Be(0);
    }

    [Fact]
    public void Tokens_OfTexts_AreAQuarterOfTheirCharactersAndOneEach() =>
        RequestNeeds.Tokens(["abcd", "efgh", ""]).Should().Be(5);

    [Fact]
    public void Capabilities_OfARequest_AreFoundInItsOptionsAndContents()
    {
        ChatMessage[] text = [new(ChatRole.User, "hi")];
        ChatOptions both = new() { Tools = [AIFunctionFactory.Create(static () => 1, "one")], ResponseFormat = ChatResponseFormat.ForJsonSchema<int[]>() };
        RequestNeeds.Capabilities(text, null).Should().Be(ModelCapabilities.None);
        RequestNeeds.Capabilities(text, new ChatOptions { Tools = [] }).Should().Be(ModelCapabilities.None);
        RequestNeeds.Capabilities(text, new ChatOptions { ResponseFormat = ChatResponseFormat.Json }).Should().Be(ModelCapabilities.None, "JSON without a schema is asked of any model");
        RequestNeeds.Capabilities(text, both).Should().Be(ModelCapabilities.Tools | ModelCapabilities.JsonSchema);
        RequestNeeds.Capabilities([.. text, new(ChatRole.User, [new TextContent("see"), new UriContent("http://127.0.0.1/a.png", "image/png")])], both)
            .Should().Be(ModelCapabilities.Tools | ModelCapabilities.JsonSchema | ModelCapabilities.Vision);
        RequestNeeds.Capabilities([new(ChatRole.User, [new DataContent(new byte[] { 1 }, "audio/wav"), new UriContent("http://127.0.0.1/a.pdf", "application/pdf")])], null)
            .Should().Be(ModelCapabilities.None);
    }
}
