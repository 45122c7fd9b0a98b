using System.Text;
using Microsoft.Extensions.AI;
using Providers.OpenAI.Tests.Support;

namespace Providers.OpenAI.Tests.Wire;

/// <summary>The rows of failure-shapes.md that reach an OpenAI client, over real sockets, streaming and not.</summary>
public sealed class FailureShapeTests
{
    /// <summary>Answers with a status: row, status, body, kind.</summary>
    public static TheoryData<int, int, string, FailureKind> Refusals => new()
    {
        { 5, 503, """{"error":{"message":"Loading model","type":"unavailable_error","code":503}}""", FailureKind.ModelLoading },
        { 7, 500, """{"error":{"message":"timed out waiting for llama-server to start - ","type":"api_error","param":null,"code":null}}""", FailureKind.Transient },
        { 8, 500, """{"error":{"message":"tensor 'x' exceeds file size","type":"api_error","param":null,"code":null}}""", FailureKind.Transient },
        { 9, 400, """{"error":{"message":"\"x\" does not support chat","type":"invalid_request_error","param":null,"code":null}}""", FailureKind.BadRequest },
        { 10, 503, """{"error":{"message":"server busy, please try again.  maximum pending requests exceeded","type":"api_error","param":null,"code":null}}""", FailureKind.Overloaded },
        { 11, 503, """{"detail":{"msg":"Server is busy; please try again later.","type":"service_unavailable"}}""", FailureKind.Overloaded },
        { 12, 404, """{"error":{"message":"model 'x' not found","type":"not_found_error","param":null,"code":null}}""", FailureKind.ModelMissing },
        { 14, 404, """{"error":"Cannot find an appropriate cached snapshot folder for the specified revision"}""", FailureKind.ModelMissing },
        { 15, 400, """{"error":{"code":400,"message":"request (13220 tokens) exceeds the available context size (1024 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":13220,"n_ctx":1024}}""", FailureKind.ContextLengthExceeded },
        { 20, 500, """{"error":{"code":500,"message":"the current context does not logits computation. skipping","type":"server_error"}}""", FailureKind.BadRequest },
        { 22, 401, """{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}""", FailureKind.AuthFailed },
        { 23, 500, """{"error":{"code":500,"message":"[json.exception.parse_error.101] parse error","type":"server_error"}}""", FailureKind.BadRequest },
        { 32, 500, """{"error":{"message":"llama-server process has terminated: signal: killed","type":"api_error","param":null,"code":null}}""", FailureKind.Transient },
        { 43, 502, "<html><body>502 Bad Gateway</body></html>", FailureKind.Transient },
        { 43, 429, "<html><body>Too many</body></html>", FailureKind.RateLimited },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Call_RefusedWithAStatus_GivesTheKindTheServersWordsAndOneRequest(int row, int status, string body, FailureKind expected)
    {
        foreach (bool streaming in new[] { false, true })
        {
            await using RawServer server = new(Reply.Json(body, status, "Retry-After: 7", "x-request-id: req_1"));
            await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
            (Exception? seen, string text) = await provider.CallAsync(streaming, Token);
            ProviderException failure = seen.Should().BeOfType<ProviderException>($"row {row}").Subject;
            failure.Kind.Should().Be(expected);
            failure.Provider.Should().Be("o");
            failure.Model.Should().Be("sable");
            failure.Failure.Status.Should().Be(status);
            failure.Failure.RequestId.Should().Be("req_1");
            failure.Failure.RetryAfter.Should().Be(TimeSpan.FromSeconds(7));
            failure.Message.Should().NotContain("<html");
            provider.Classify(failure).Should().BeSameAs(failure.Failure);
            text.Should().BeEmpty();
            server.Requests.Should().ContainSingle("the SDK must not retry");
        }
    }

    /// <summary>Answers that are none, or stop being one: row, streaming, reply, kind, what had come.</summary>
    public static TheoryData<string, bool, Reply, FailureKind, string> Breaks => new()
    {
        { "24 closed without an answer", false, Reply.Drop, FailureKind.ConnectionLost, "" },
        { "24 closed without an answer", true, Reply.Drop, FailureKind.ConnectionLost, "" },
        { "25 chunked body cut", true, Chats.Stream with { Pieces = Pieces(Chats.Delta("Os")), End = "cut" }, FailureKind.ConnectionLost, "Os" },
        { "28 HTTP/1.0 closed in mid-stream", true, Old(Chats.Delta("Os") + "\n\n"), FailureKind.ConnectionLost, "Os" },
        { "29 closed inside a whole answer", false, new Reply { Framing = "content-length", Headers = ["Content-Length: 500"], Pieces = [], End = "ok" } with { Framing = "none" }, FailureKind.ConnectionLost, "" },
        { "31 chunk without model and end", true, Reply.Sse(Chats.Delta("Os"), """data: {"id":"","object":"chat.completion.chunk","created":1,"model":"","choices":[]}"""), FailureKind.ConnectionLost, "Os" },
        { "44 page instead of an answer", false, Page, FailureKind.InvalidResponse, "" },
        { "44 page instead of a stream", true, Page, FailureKind.InvalidResponse, "" },
        { "44 empty answer", false, Reply.Json(""), FailureKind.InvalidResponse, "" },
        { "44 empty stream", true, Reply.Sse(), FailureKind.ConnectionLost, "" },
        { "45 error in the stream", true, Reply.Sse(Chats.Delta("Os"), """data: {"error":{"code":500,"message":"decode failed","type":"server_error"}}"""), FailureKind.ConnectionLost, "Os" },
        { "45 rate limit in the stream", true, Reply.Sse("""data: {"error":{"message":"slow down","code":"rate_limit_exceeded"}}"""), FailureKind.RateLimited, "" },
        { "45 error line of llama-server", true, Reply.Sse(Chats.Delta("Os"), """error: {"code":500,"message":"decode failed","type":"server_error"}"""), FailureKind.ConnectionLost, "Os" },
        { "46 cut inside a chunk's JSON", true, Chats.Stream with { Pieces = Pieces(Chats.Delta("Os"), """data: {"id":"c","obj""") }, FailureKind.ConnectionLost, "Os" },
        { "46 a chunk that is no JSON", true, Reply.Sse(Chats.Delta("Os"), "data: {oops}", Chats.Finish("stop"), Chats.Done), FailureKind.ConnectionLost, "Os" },
        { "47 no terminal mark", true, Reply.Sse(Chats.Delta("Os")), FailureKind.ConnectionLost, "Os" },
        { "47 done without a finish reason", true, Reply.Sse(Chats.Delta("Os"), Chats.Done), FailureKind.ConnectionLost, "Os" },
        { "200 with an error inside", false, Reply.Json("""{"error":{"message":"upstream fell over","code":502}}"""), FailureKind.Transient, "" },
        { "200 with no choice", false, Reply.Json("""{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[]}"""), FailureKind.InvalidResponse, "" },
    };

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Call_WhoseAnswerBreaks_GivesTheKindAndWhatHadCome(string row, bool streaming, Reply reply, FailureKind expected, string text)
    {
        await using RawServer server = new(reply);
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (Exception? seen, string came) = await provider.CallAsync(streaming, Token);
        seen.Should().BeOfType<ProviderException>(row).Which.Kind.Should().Be(expected);
        came.Should().Be(text);
        server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Answer_WithAnErrorInsideThatNamesAStatus_HasNoneOfHttp()
    {
        await using RawServer server = new(Reply.Json("""{"error":{"message":"upstream fell over","code":502}}"""));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (await provider.CallAsync(streaming: false, Token)).Seen.Should().BeOfType<ProviderException>().Which.Failure.Status.Should().BeNull();
    }

    [Fact]
    public async Task Stream_WithoutDoneAfterItsFinishReason_IsComplete()
    {
        await using RawServer server = new(Reply.Sse(Chats.Delta("Oslo"), Chats.Finish("stop")));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (await provider.CallAsync(streaming: true, Token)).Should().Be((null, "Oslo"));
    }

    [Fact]
    public async Task Stream_WithBrokenUtf8_IsLost()
    {
        byte[] broken = [.. Encoding.UTF8.GetBytes("data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""), 0xC3, 0x28, 0xFF, .. Encoding.UTF8.GetBytes("\"},\"finish_reason\":null}]}\n\n")];
        await using RawServer server = new(Chats.Stream with { Pieces = [broken, .. Pieces(Chats.Finish("stop") + "\n\n", Chats.Done + "\n\n")] });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (Exception? seen, _) = await provider.CallAsync(streaming: true, Token);
        (seen is ProviderException { Kind: FailureKind.ConnectionLost or FailureKind.InvalidResponse }).Should().BeTrue($"it was {seen}");
    }

    [Fact]
    public async Task Stream_WithAnEndlessLine_IsGivenUp()
    {
        byte[] megabyte = new byte[1024 * 1024];
        Array.Fill(megabyte, (byte)'x');
        await using RawServer server = new(Chats.Stream with { Pieces = [.. Pieces("data: "), .. Enumerable.Repeat(megabyte, 64)], End = "hang" });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (Exception? seen, _) = await provider.CallAsync(streaming: true, Token);
        seen.Should().BeOfType<ProviderException>();
    }

    [Fact]
    public async Task Answer_WithoutEnd_IsGivenUp()
    {
        byte[] megabyte = new byte[1024 * 1024];
        Array.Fill(megabyte, (byte)' ');
        await using RawServer server = new(new Reply { Framing = "chunked", Pieces = [.. Enumerable.Repeat(megabyte, 34)], End = "hang" });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (Exception? seen, _) = await provider.CallAsync(streaming: false, Token);
        seen.Should().BeOfType<ProviderException>().Which.Failure.Should().Match<ProviderFailure>(f => f.Kind == FailureKind.InvalidResponse && f.Message.Contains("32 MiB"));
    }

    [Fact]
    public async Task Answer_OfAGigabyte_IsRefusedByItsLength()
    {
        await using RawServer server = new(new Reply { Framing = "none", Headers = ["Content-Length: 1073741824"], End = "hang" });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        Func<Task> act = () => provider.EmbeddingGenerator!.GenerateAsync(["a"], null, Token);
        (await act.Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.InvalidResponse);
        await server.ClientLeft.Task.WaitAsync(Token); // the connection is given up, not kept
    }

    [Fact]
    public async Task Refusal_WithoutEnd_IsReadInPart()
    {
        byte[] megabyte = new byte[1024 * 1024];
        Array.Fill(megabyte, (byte)'x');
        await using RawServer server = new(new Reply { Status = "HTTP/1.1 500 X", Framing = "chunked", Pieces = [megabyte], End = "hang" });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (await provider.CallAsync(streaming: false, Token)).Seen.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.Transient);
    }

    [Fact]
    public async Task Refusal_CutInItsBody_GoesByItsStatus()
    {
        await using RawServer server = new(new Reply { Status = "HTTP/1.1 503 X", Framing = "none", Headers = ["Content-Length: 100"] });
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (await provider.CallAsync(streaming: false, Token)).Seen.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(FailureKind.Overloaded);
    }

    [Fact]
    public async Task Answer_ThatIsWholeWhereAStreamWasAsked_IsRefused()
    {
        await using RawServer server = new(Reply.Json(Chats.Answer));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        (await provider.CallAsync(streaming: true, Token)).Seen.Should().BeOfType<ProviderException>().Which.Kind.Should().BeOneOf(FailureKind.InvalidResponse, FailureKind.ConnectionLost);
    }

    [Fact]
    public async Task Answer_WithReasoningUnderItsNewName_IsRead()
    {
        await using RawServer server = new(Reply.Json(Chats.Answer.Replace("\"content\":\"Oslo\"", "\"content\":\"Oslo\",\"reasoning\":\"Norway\"", StringComparison.Ordinal)));
        await using OpenAIProvider provider = Chats.Provider(server.Endpoint);
        ChatResponse response = await provider.AskAsync(cancellationToken: Token);
        response.Messages[0].Contents.OfType<TextReasoningContent>().Should().ContainSingle().Which.Text.Should().Be("Norway");
    }

    private static Reply Page => new() { ContentType = "text/html", Pieces = Pieces("<html><body>Sign in</body></html>") };

    private static Reply Old(string body) => new() { Status = "HTTP/1.0 200 OK", ContentType = "text/event-stream", Framing = "close", Pieces = Pieces(body) };

    private static byte[][] Pieces(params string[] events) => [.. events.Select(static e => Encoding.UTF8.GetBytes(e.StartsWith("data: {\"id\":\"c\",\"obj", StringComparison.Ordinal) && !e.EndsWith('\n') && e.EndsWith('}') ? e + "\n\n" : e))];
}
