using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Providers.Http;
using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Chunks;

/// <summary>Our reading of a stream's events against the SDK's, update by update.</summary>
public sealed class ChunkReaderTests
{
    private static readonly JsonSerializerOptions s_compact = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    private const string Start = """{"id":"c1","object":"chat.completion.chunk","created":1770000000,"model":"m","choices":""";
    private const string Role = Start + """[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""";
    private const string Usage = Start + """[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}""";
    private const string Stop = Start + """[{"index":0,"delta":{},"finish_reason":"stop"}]}""";

    /// <summary>Deltas, finish reasons and what else may stand in a chunk: each between a role and a finish, and twice.</summary>
    public static TheoryData<string> Chunks =>
    [
        Start + """[{"index":0,"delta":{"content":"plain"},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"content":"plain"},"logprobs":null,"finish_reason":null}],"usage":null}""",
        Start + """[{"delta":{"content":"no index"}}]}""",
        Start + """[{"index":0,"delta":{"content":"esc \" \\ \n ø 🙂 \ud83d\ude42 "},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"content":"half \ud83d"},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"content":""},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"content":null},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"content":"a","refusal":null,"tool_calls":null,"function_call":null,"reasoning_content":null},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"content":"last"},"finish_reason":"length"}]}""",
        Start + """[{"index":0,"delta":{"role":"assistant","content":"with role"},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"role":"tool","content":"other role"},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"reasoning_content":"hm"},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"content":"x","reasoning_content":"hm"},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"refusal":"no"},"finish_reason":null}]}""",
        Start + """[{"index":1,"delta":{"content":"second choice"},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"content":"one"},"finish_reason":null},{"index":1,"delta":{"content":"two"},"finish_reason":null}]}""",
        Start + """[]}""",
        Start + """[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":1}}}""",
        Start + """[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"completion_tokens_details":{"reasoning_tokens":2,"accepted_prediction_tokens":1}}}""",
        Start + """[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":null,"completion_tokens_details":null}}""",
        Start + """[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":{},"completion_tokens_details":{}}}""",
        Start + """[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"cost":0.1}}""",
        Start + """[],"usage":{"prompt_tokens":3}}""",
        Start + """[{"index":0,"delta":{"content":"x"},"finish_reason":"content_filter"}]}""",
        Start + """[{"index":0,"delta":{"content":"x"},"finish_reason":"tool_calls"}]}""",
        Start + """[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}""",
        Start + """[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"system_fingerprint":"fp_1","service_tier":"default","obfuscation":"abc"}""",
        Start + """[{"index":0,"delta":{"content":"x"},"logprobs":{"content":[{"token":"x","logprob":-0.5,"bytes":[120],"top_logprobs":[]}]},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"unknown":{"deep":[1,2]}}""",
        Start + """[{"index":0,"delta":{"content":"x","unknown":5},"finish_reason":null}]}""",
        """{"choices":[{"index":0,"delta":{"content":"nothing shared"},"finish_reason":null}]}""",
        """{"id":"c2","object":"chat.completion.chunk","created":1770000001,"model":"m2","choices":[{"index":0,"delta":{"content":"another id"},"finish_reason":null}]}""",
        """{"model":"m","id":"c1","choices":[{"finish_reason":null,"delta":{"content":"other order"},"index":0}],"created":1770000000}""",
        """{"id":"c1","object":"chat.completion.chunk","created":1770000000.5,"model":"m","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}""",
        """{"id":null,"object":"chat.completion.chunk","created":1770000000,"model":null,"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}""",
        """{"id":"c1","choices":[{"index":0,"delta":{"content":"cut"}""",
        """not json""",
        """[1]""",
    ];

    public static TheoryData<string> Fixtures => [.. Fixture.Names("openai").Where(static f => Fixture.Load(f).Reply.ContentType.StartsWith("text/event-stream", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Chunks))]
    public Task Chunk_AmongOthers_GivesTheSdksUpdates(string chunk) => CompareAsync(Events([Role, chunk, Plain("between"), chunk, Stop]));

    [Theory]
    [MemberData(nameof(Chunks))]
    public Task Chunk_First_GivesTheSdksUpdates(string chunk) => CompareAsync(Events([chunk, Plain("after"), Stop]));

    [Theory]
    [MemberData(nameof(Fixtures))]
    public Task Fixture_GivesTheSdksUpdates(string file) => CompareAsync(Encoding.UTF8.GetString([.. Fixture.Load(file).Reply.Pieces.SelectMany(static p => p)]));

    [Fact]
    public Task ToolCallsInParts_AmongText_GiveTheSdksUpdates() => CompareAsync(Events([
        Role, Plain("one"),
        Start + """[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]},"finish_reason":null}]}""",
        Plain("two"),
        Start + """[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"t2","type":"function","function":{"name":"g","arguments":"{}"}}]},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":null}]}""",
        Start + """[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"""]));

    [Theory]
    [InlineData("""{"index":0,"delta":{"content":null,"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":null}""")]
    [InlineData("""{"index":0,"delta":{"refusal":"no"},"finish_reason":null}""")]
    public Task Stream_ThatTheSdkTakesOverInTheMiddle_GivesTheSdksUpdates(string choice) =>
        CompareAsync(Events([Role, Plain("one"), Plain("two"), Start + "[" + choice + "]}", Plain("three"), Stop, Usage]));

    [Fact]
    public Task Stream_ThatTheSdkTakesOverAfterItsFinish_GivesTheSdksUpdates() => CompareAsync(Events([
        Role, Plain("one"), Stop, Usage,
        Start + """[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":null}]}"""]));

    /// <summary>Texts beside which the next chunk's text is found by what stood around the last one.</summary>
    [Theory]
    [InlineData("ø 🙂 <b>&'")]
    [InlineData("\\\"")]
    [InlineData("a\",\"b\":\"c")]
    [InlineData("a\"},\"finish_reason\":\"stop\"}]}")]
    [InlineData("\\u0000\\n")]
    [InlineData("")]
    [InlineData("\"")]
    public Task Text_AfterAPatternWasLearned_GivesTheSdksUpdates(string text) =>
        CompareAsync(Events([Role, Plain("one"), Plain("two"), Plain(text), Plain("three"), Stop, Usage]));

    [Fact]
    public async Task Seeded_Streams_GiveTheSdksUpdates()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.AddAttachment("seed", seed.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Random random = new(seed);
        string[] kinds = [.. Chunks.Select(static c => c.Data).Where(static c => c.StartsWith("{\"", StringComparison.Ordinal) && c.EndsWith('}')), Role, Stop, Usage];
        for (int i = 0; i < 300; i++)
        {
            string[] picked = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.Next(3) == 0 ? Plain("t" + random.Next(9)) : kinds[random.Next(kinds.Length)])];
            await CompareAsync(Events([.. picked, Stop]), $"seed {seed}, stream {i}: {string.Join('\n', picked)}");
        }
    }

    [Fact]
    public async Task PlainStream_DoesNotGoThroughTheSdk()
    {
        List<ChatResponseUpdate> updates = await OurUpdatesAsync(Events([Role, Plain("one"), Plain("two"), Stop, Usage]));
        updates.Should().HaveCount(5).And.AllSatisfy(static u => u.RawRepresentation.Should().BeNull());
        updates[1].ResponseId.Should().BeSameAs(updates[2].ResponseId, "what chunks share is made once");
    }

    [Fact]
    public async Task Leaving_InTheMiddle_DisposesTheBody()
    {
        Canned server = new(Events([Role, Plain("one"), Plain("two"), Stop]));
        await using (ChunkReader reader = await OpenAsync(server))
        {
            (await reader.NextAsync()).Should().BeTrue();
        }

        Func<Task> read = () => server.Content!.ReadAsByteArrayAsync();
        await read.Should().ThrowAsync<ObjectDisposedException>();
    }

    private static string Plain(string text) => Start + $$"""[{"index":0,"delta":{"content":"{{text}}"},"finish_reason":null}]}""";

    private static string Events(IEnumerable<string> chunks) => string.Concat(chunks.Append("[DONE]").Select(static c => $"data: {c}\n\n"));

    private static async Task CompareAsync(string events, string because = "")
    {
        using GuardHandler guard = new(new GuardOptions()) { InnerHandler = new Canned(events) };
        using HttpClient http = new(guard); // both behind the guard: it mends, and sees errors first
        using IChatClient sdk = OpenAIWire.CreateChatClient(http, new Uri("http://127.0.0.1/v1"), "m");
        List<ChatResponseUpdate> theirs = [], ours = [];
        Type? theirError = await CollectAsync(sdk.GetStreamingResponseAsync("x"), theirs);
        theirs.ForEach(LogProbabilities.Copy);
        Type? ourError = await CollectAsync(ReadAsync(new Canned(events)), ours);
        ours.Select(Text).Should().Equal(theirs.Select(Text), because);
        ourError.Should().Be(theirError, because);
    }

    private static string Text(ChatResponseUpdate update) => JsonSerializer.Serialize(update, s_compact);

    private static async Task<List<ChatResponseUpdate>> OurUpdatesAsync(string events) => await ReadAsync(new Canned(events)).ToListAsync();

    private static async IAsyncEnumerable<ChatResponseUpdate> ReadAsync(Canned server)
    {
        await using ChunkReader reader = await OpenAsync(server);
        while (reader.TryNext() || await reader.NextAsync())
        {
            yield return reader.Current;
        }
    }

    private static async Task<ChunkReader> OpenAsync(Canned server)
    {
        GuardHandler guard = new(new GuardOptions()) { InnerHandler = server };
        HttpMessageInvoker http = new(guard);
        DirectChat direct = new(http, OpenAIPlan.From("o", new OpenAIProviderOptions { Endpoint = new Uri("http://127.0.0.1/v1") }));
        (EventReader? events, _) = await direct.OpenAsync([], default);
        return new ChunkReader(events!, default);
    }

    private static async Task<Type?> CollectAsync(IAsyncEnumerable<ChatResponseUpdate> updates, List<ChatResponseUpdate> all)
    {
        try
        {
            await foreach (ChatResponseUpdate update in updates)
            {
                all.Add(update);
            }

            return null;
        }
        catch (Exception e)
        {
            return e.GetType();
        }
    }

    private sealed class Canned(string events) : HttpMessageHandler
    {
        public HttpContent? Content { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Content = new StreamContent(PipeReader.Create(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(events))).AsStream()) { Headers = { ContentType = new MediaTypeHeaderValue("text/event-stream") } };
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = Content });
        }
    }
}
