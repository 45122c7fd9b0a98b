using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.OpenAI.Tests.Chat;

/// <summary>Requests that we write ourselves against what the SDK writes for the same.</summary>
public sealed class PlainRequestTests
{
    private static readonly ChatMessage[] s_short = [new(ChatRole.User, "Capital of Norway?")];

    public static TheoryData<string> Texts => ["Høy 🙂", "", " ", "quote \" back \\ line \n tab \t nul \0 del \u007f", "half \ud83d", "<b>&'+`\u2028", new string('x', 100_000)];

    public static TheoryData<ChatOptions?> Plain =>
    [
        null!,
        new ChatOptions(),
        new ChatOptions { MaxOutputTokens = 64 },
        new ChatOptions { Temperature = 0.7f, TopP = 0.1f, FrequencyPenalty = 1, PresencePenalty = -1.5f, Seed = long.MaxValue },
        new ChatOptions { StopSequences = ["\n", "end"] },
        new ChatOptions { StopSequences = [], Tools = [], AdditionalProperties = [] },
    ];

    public static TheoryData<string, ChatOptions> NotPlain => new()
    {
        { "conversation", new ChatOptions { ConversationId = "c" } },
        { "instructions", new ChatOptions { Instructions = "i" } },
        { "top k", new ChatOptions { TopK = 5 } },
        { "reasoning", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low } } },
        { "format", new ChatOptions { ResponseFormat = ChatResponseFormat.Json } },
        { "parallel calls", new ChatOptions { AllowMultipleToolCalls = true } },
        { "tool mode", new ChatOptions { ToolMode = ChatToolMode.Auto } },
        { "tools", new ChatOptions { Tools = [AIFunctionFactory.Create(static () => "rain", "get_weather")] } },
        { "background", new ChatOptions { AllowBackgroundResponses = true } },
        { "raw", new ChatOptions { RawRepresentationFactory = static _ => null } },
        { "properties", new ChatOptions { AdditionalProperties = new() { ["logprobs"] = true } } },
    };

    public static TheoryData<string, ChatMessage> NotPlainMessages => new()
    {
        { "tool", new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c", "r")]) },
        { "tool text", new ChatMessage(ChatRole.Tool, "r") },
        { "other role", new ChatMessage(new ChatRole("developer"), "x") },
        { "author", new ChatMessage(ChatRole.User, "x") { AuthorName = "a" } },
        { "nothing", new ChatMessage(ChatRole.User, []) },
        { "two", new ChatMessage(ChatRole.User, [new TextContent("a"), new TextContent("b")]) },
        { "image", new ChatMessage(ChatRole.User, [new UriContent("https://example.com/a.png", "image/png")]) },
        { "reasoning", new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("hm")]) },
        { "raw", new ChatMessage(ChatRole.User, "x") { RawRepresentation = new object() } },
        { "raw content", new ChatMessage(ChatRole.User, [new TextContent("x") { RawRepresentation = new object() }]) },
        { "properties", new ChatMessage(ChatRole.Assistant, "x") { AdditionalProperties = new() { ["Refusal"] = "no" } } },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Text_IsSaidAsTheSdkSaysIt(string text) =>
        await CompareAsync([new(ChatRole.System, text), new(ChatRole.User, text), new(ChatRole.Assistant, text), new(ChatRole.User, "x")], null);

    [Theory]
    [MemberData(nameof(Plain))]
    public async Task Options_AreSaidAsTheSdkSaysThem(ChatOptions? options) => await CompareAsync(s_short, options);

    [Theory]
    [MemberData(nameof(NotPlain))]
    public void Options_ThatAreMoreThanNumbers_AreLeftToTheSdk(string what, ChatOptions options) => PlainRequest.IsPlain(s_short, options).Should().BeFalse(what);

    [Theory]
    [MemberData(nameof(NotPlainMessages))]
    public void Message_ThatIsMoreThanText_IsLeftToTheSdk(string what, ChatMessage message) => PlainRequest.IsPlain([.. s_short, message], null).Should().BeFalse(what);

    [Fact]
    public void NoMessage_IsLeftToTheSdk() => PlainRequest.IsPlain([], null).Should().BeFalse();

    [Fact]
    public void EveryOption_IsKnown() => typeof(ChatOptions).GetProperties().Select(static p => p.Name).Should().BeEquivalentTo(
        ["ConversationId", "Instructions", "Temperature", "MaxOutputTokens", "TopP", "TopK", "FrequencyPenalty", "PresencePenalty", "Seed", "Reasoning", "ResponseFormat", "ModelId", "StopSequences",
            "AllowMultipleToolCalls", "ToolMode", "Tools", "AllowBackgroundResponses", "ContinuationToken", "RawRepresentationFactory", "AdditionalProperties"],
        "an option that a new version brings must be written, or make the request the SDK's");

    [Fact]
    public void EveryPartOfAMessage_IsKnown() => typeof(ChatMessage).GetProperties().Select(static p => p.Name).Should().BeEquivalentTo(
        ["AuthorName", "CreatedAt", "Role", "Text", "Contents", "MessageId", "RawRepresentation", "AdditionalProperties"]);

    private static async Task CompareAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        PlainRequest.IsPlain(messages, options).Should().BeTrue();
        foreach (OpenAIServerProfile profile in Enum.GetValues<OpenAIServerProfile>())
        {
            ProfileTraits traits = ProfileTraits.Of(profile);
            foreach (bool stream in new[] { false, true })
            {
                JsonElement ours = JsonElement.Parse(PlainRequest.Write(messages, options, "m", traits, stream));
                JsonElement theirs = await SdksAsync(messages, ChatRequest.Prepare(options, "m", traits), stream);
                JsonElement.DeepEquals(ours, theirs).Should().BeTrue($"{ours} should say {theirs}");
            }
        }
    }

    private static async Task<JsonElement> SdksAsync(IReadOnlyList<ChatMessage> messages, ChatOptions options, bool stream)
    {
        Recorder recorder = new();
        using HttpClient http = new(recorder);
        using IChatClient sdk = OpenAIWire.CreateChatClient(http, new Uri("http://127.0.0.1/v1"), "m");
        Func<Task> send = stream ? () => sdk.GetStreamingResponseAsync(messages, options).ToListAsync().AsTask() : () => sdk.GetResponseAsync(messages, options);
        await send.Should().ThrowAsync<System.ClientModel.ClientResultException>();
        return JsonElement.Parse(recorder.Sent!);
    }

    private sealed class Recorder : HttpMessageHandler
    {
        public byte[]? Sent { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Sent = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new ByteArrayContent([]) };
        }
    }
}
