using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.Http;

namespace Providers.OpenAI.Tests.Chat;

/// <summary>Whole answers as we read them against what the SDK makes of the same.</summary>
public sealed class PlainAnswerTests
{
    private const string Message = """{"role":"assistant","content":"Oslo"}""";

    /// <summary>Answers that are ours to read.</summary>
    public static TheoryData<string> Plain =>
    [
        Answer(Message, "\"stop\""),
        Answer(Message, "\"length\""),
        Answer(Message, "\"content_filter\""),
        Answer("""{"role":"assistant","content":"","refusal":null,"annotations":[],"tool_calls":null}""", "\"stop\""),
        Answer("""{"content":"esc \" \\ \n ø 🙂 \ud83d\ude42","role":"assistant","annotations":null}""", "\"stop\""),
        Answer(Message, "\"stop\"", """
            ,"usage":{"prompt_tokens":12,"completion_tokens":24,"total_tokens":36}
            """),
        Answer(Message, "\"stop\"", """
            ,"usage":null,"service_tier":"default","system_fingerprint":"fp_1","prompt_filter_results":null
            """),
        Answer(Message, "\"stop\"", """
            ,"usage":{"prompt_tokens":12,"completion_tokens":24,"total_tokens":36,"prompt_tokens_details":{"cached_tokens":1,"audio_tokens":2},"completion_tokens_details":{"reasoning_tokens":3,"audio_tokens":4,"accepted_prediction_tokens":5,"rejected_prediction_tokens":6}}
            """),
        Answer(Message, "\"stop\"", """
            ,"usage":{"prompt_tokens":12,"completion_tokens":24,"total_tokens":36,"prompt_tokens_details":{}}
            """),
    ];

    /// <summary>Answers that are the SDK's, or nobody's.</summary>
    public static TheoryData<string> NotPlain =>
    [
        Answer("""{"role":"assistant","content":null,"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}""", "\"tool_calls\""),
        Answer("""{"role":"assistant","content":null,"refusal":"no"}""", "\"stop\""),
        Answer("""{"role":"assistant","content":"x","reasoning_content":"hm"}""", "\"stop\""),
        Answer("""{"role":"assistant","content":[{"type":"text","text":"parts"}]}""", "\"stop\""),
        Answer("""{"role":"assistant","content":"half \ud83d"}""", "\"stop\""),
        Answer("""{"role":"user","content":"x"}""", "\"stop\""),
        Answer("""{"role":"assistant"}""", "\"stop\""),
        Answer("""{"content":"x"}""", "\"stop\""),
        Answer("""{"role":"assistant","content":"x","audio":{"id":"a","data":"","expires_at":1,"transcript":""}}""", "\"stop\""),
        Answer("""{"role":"assistant","content":"x","annotations":[{"type":"url_citation","url_citation":{"start_index":0,"end_index":1,"title":"t","url":"https://example.com"}}]}""", "\"stop\""),
        Answer(Message, "null"),
        Answer(Message, "\"function_call\""),
        Answer(Message, "\"stop\"", """
            ,"usage":{"prompt_tokens":12}
            """),
        Answer(Message, "\"stop\"", """
            ,"usage":{"prompt_tokens":12,"completion_tokens":24,"total_tokens":36,"cost":0.1}
            """),
        Answer(Message, "\"stop\"", """
            ,"unknown":{"deep":[1]}
            """),
        """{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[]}""",
        """{"object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]}""",
        """{"id":"c","object":"chat.completion","created":1.5,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]}""",
        """{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"logprobs":{"content":[{"token":"x","logprob":-0.5,"bytes":[120],"top_logprobs":[]}]},"finish_reason":"stop"}]}""",
        """{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"b"},"finish_reason":"stop"}]}""",
        """{"id":"c"}""",
        "[1]",
        "5",
    ];

    [Theory]
    [MemberData(nameof(Plain))]
    public async Task Answer_OfText_IsReadAsTheSdkReadsIt(string answer)
    {
        PlainAnswer.TryRead(Encoding.UTF8.GetBytes(answer)).Should().NotBeNull();
        await CompareAsync(answer);
    }

    [Theory]
    [MemberData(nameof(NotPlain))]
    public async Task Answer_OfAnythingElse_IsLeftToTheSdk(string answer)
    {
        PlainAnswer.TryRead(Encoding.UTF8.GetBytes(answer)).Should().BeNull();
        await CompareAsync(answer);
    }

    private static string Answer(string message, string finish, string more = "") =>
        $$"""{"id":"c","object":"chat.completion","created":1770000000,"model":"m","choices":[{"index":0,"message":{{message}},"logprobs":null,"finish_reason":{{finish}}}]{{more.Trim()}}}""";

    private static async Task CompareAsync(string answer)
    {
        using HttpClient http = new(new Canned(answer));
        using IChatClient sdk = OpenAIWire.CreateChatClient(http, new Uri("http://127.0.0.1/v1"), "m");
        (string? theirs, Type? theirError) = await TryAsync(async () =>
        {
            ChatResponse response = await sdk.GetResponseAsync("x");
            LogProbabilities.Copy(response);
            return response;
        });
        using GuardHandler guard = new(new GuardOptions()) { InnerHandler = new Canned(answer) };
        using HttpMessageInvoker direct = new(guard);
        (string? ours, Type? ourError) = await TryAsync(() => new DirectChat(direct, OpenAIPlan.From("o", new OpenAIProviderOptions { Endpoint = new Uri("http://127.0.0.1/v1") })).AskAsync([], default));
        ours.Should().Be(theirs);
        ourError.Should().Be(theirError);
    }

    private static async Task<(string? Answer, Type? Error)> TryAsync(Func<Task<ChatResponse>> ask)
    {
        try
        {
            return (JsonSerializer.Serialize(await ask(), AIJsonUtilities.DefaultOptions), null);
        }
        catch (Exception e)
        {
            return (null, e.GetType());
        }
    }

    private sealed class Canned(string answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes(answer)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            });
    }
}
