using System.Diagnostics;
using System.Net;
using System.Text;

namespace Providers.Http.Tests;

public sealed class GuardTests
{
    private const string Sse = "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    private const string Json = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n";
    private const string Ndjson = "HTTP/1.0 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n";

    [Theory]
    [InlineData("openai/error-rate-limited.http", FailureKind.RateLimited)]
    [InlineData("openai/error-quota.http", FailureKind.QuotaExhausted)]
    [InlineData("openai/error-auth.http", FailureKind.AuthFailed)]
    [InlineData("openai/error-context-length.http", FailureKind.ContextLengthExceeded)]
    [InlineData("openai/error-context-length-vllm.http", FailureKind.ContextLengthExceeded)]
    [InlineData("openai/error-content-filter-azure.http", FailureKind.ContentFiltered)]
    [InlineData("openai/error-overloaded.http", FailureKind.Overloaded)]
    [InlineData("openai/error-model-loading-llama-server.http", FailureKind.ModelLoading)]
    [InlineData("openai/error-mid-stream.http", FailureKind.ConnectionLost)]
    [InlineData("openai/error-event-mid-stream.http", FailureKind.ConnectionLost)]
    [InlineData("openai/error-stream-ends-early.http", FailureKind.ConnectionLost)]
    [InlineData("openai/error-tool-call-cut.http", FailureKind.ConnectionLost)]
    [InlineData("ollama/error-mid-stream.http", FailureKind.ConnectionLost)]
    [InlineData("ollama/error-stream-cut.http", FailureKind.ConnectionLost)]
    [InlineData("ollama/error-stream-ends-without-done.http", FailureKind.ConnectionLost)]
    [InlineData("ollama/error-stream-stall.http", FailureKind.TimedOut)]
    public async Task Fixture_Failing_IsClassified(string file, FailureKind kind)
    {
        await using RawServer server = new((stream, _, stop) => Fixture.PlayAsync(file, stream, stop));
        ProviderFailure failure = await FailAsync(server, new GuardOptions { IdleTimeout = kind is FailureKind.TimedOut ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromMinutes(1) });
        failure.Kind.Should().Be(kind);
        if (kind is FailureKind.RateLimited)
        {
            failure.RetryAfter.Should().Be(TimeSpan.FromMilliseconds(1412));
        }
    }

    [Theory]
    [InlineData("openai/chat.http")]
    [InlineData("openai/chat-stream.http")]
    [InlineData("openai/chat-stream-tool-call.http")]
    [InlineData("openai/chat-json-schema-refusal.http")]
    [InlineData("openai/chat-content-filter-finish.http")]
    [InlineData("openai/chat-stream-reasoning-variants.http")]
    [InlineData("openai/embeddings-base64.http")]
    [InlineData("openai/embeddings-out-of-order.http")]
    [InlineData("ollama/chat-stream.http")]
    [InlineData("ollama/chat-stream-split-lines.http")]
    public async Task Fixture_Complete_PassesThrough(string file)
    {
        await using RawServer server = new((stream, _, stop) => Fixture.PlayAsync(file, stream, stop));
        (await ReadAsync(server, new GuardOptions())).Should().NotBeEmpty().And.NotContain("\"reasoning\":");
    }

    [Theory]
    [InlineData(Json + "", FailureKind.InvalidResponse)]
    [InlineData(Json + "<html>hello</html>", FailureKind.InvalidResponse)]
    [InlineData(Json + "{\"choices\":[", FailureKind.ConnectionLost)]
    [InlineData(Json + "{nonsense}", FailureKind.InvalidResponse)]
    [InlineData(Json + "{\"error\":{\"message\":\"slow down\",\"code\":429}}", FailureKind.RateLimited)]
    [InlineData(Sse + "data: {\"choices\":[{\"delta\":{\"content\":\"O", FailureKind.ConnectionLost)]
    [InlineData(Sse + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"error\"}]}\n\n", FailureKind.ConnectionLost)]
    [InlineData(Sse + "error: {\"code\":503,\"message\":\"Loading model\",\"type\":\"unavailable_error\"}\n\n", FailureKind.ModelLoading)]
    [InlineData(Sse, FailureKind.ConnectionLost)]
    [InlineData(Ndjson + "{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n", FailureKind.ConnectionLost)]
    [InlineData("HTTP/1.0 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>", FailureKind.Transient)]
    [InlineData("HTTP/1.0 503 Busy\r\n\r\n{\"detail\":{\"msg\":\"Server is busy; please try again later.\"}}", FailureKind.Overloaded)]
    [InlineData("HTTP/1.0 500 Error\r\n\r\n{\"error\":{\"message\":\"input (16802 tokens) is too large to process\"}}", FailureKind.ContextLengthExceeded)]
    [InlineData("HTTP/1.0 404 Not Found\r\n\r\n{\"error\":\"model 'x' not found\"}", FailureKind.ModelMissing)]
    [InlineData("", FailureKind.ConnectionLost)]
    public async Task Answer_Broken_IsClassified(string answer, FailureKind kind)
    {
        await using RawServer server = new(answer);
        (await FailAsync(server, new GuardOptions())).Kind.Should().Be(kind);
    }

    [Fact]
    public async Task Body_Endless_IsRefusedWithBoundedMemory()
    {
        await using RawServer server = new(async (stream, _, stop) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Json), stop);
            await FloodAsync(stream, stop);
        });
        (await FailAsync(server, new GuardOptions { MaxBody = 1 << 20 })).Kind.Should().Be(FailureKind.InvalidResponse);
    }

    [Fact]
    public async Task Line_Endless_IsRefusedWithBoundedMemory()
    {
        await using RawServer server = new(async (stream, _, stop) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Ndjson), stop);
            await FloodAsync(stream, stop);
        });
        (await FailAsync(server, new GuardOptions { MaxLine = 1 << 20 })).Message.Should().Contain("MaxLine");
    }

    [Fact]
    public async Task Utf8_Broken_LosesTheStream()
    {
        await using RawServer server = new(async (stream, _, stop) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Ndjson), stop);
            await stream.WriteAsync(new byte[] { (byte)'"', 0xff, 0xfe, (byte)'"', (byte)'\n' }, stop);
        });
        (await FailAsync(server, new GuardOptions())).Kind.Should().Be(FailureKind.ConnectionLost);
    }

    [Fact]
    public async Task Stream_OpenAfterFinishReason_EndsWithinTheGrace()
    {
        await using RawServer server = new(Sse + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n", hang: true);
        long started = Stopwatch.GetTimestamp();
        await ReadAsync(server, new GuardOptions { TrailerGrace = TimeSpan.FromMilliseconds(100) });
        Stopwatch.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromMinutes(1), "that is when the idle timeout would end it");
    }

    [Fact]
    public async Task Kobold_NullTextAndNoLastLine_AreMended()
    {
        await using RawServer server = new(Sse + "data: {\"choices\":[{\"finish_reason\":\"null\",\"delta\":{\"reasoning\":\"a\"}}]}\n\ndata: {\"choices\":[{\"finish_reason\":\"eos\",\"delta\":{}}]}\n\ndata: [DONE]");
        string text = await ReadAsync(server, new GuardOptions());
        text.Should().Contain("\"finish_reason\":null,\"delta\":{\"reasoning_content\":\"a\"}").And.Contain("\"stop\"").And.EndWith("[DONE]\n\n");
    }

    [Fact]
    public async Task Cancel_OnAFrozenStreamWithoutAToken_EndsAtOnce()
    {
        await using RawServer server = new(Ndjson + "{\"done\":false}\n", hang: true);
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions());
        using CancellationTokenSource cancel = new();
        Func<Task> act = () => CallScope.RunAsync(
            async () =>
            {
                using HttpResponseMessage response = await SendAsync(client, server);
                using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
                await reader.ReadLineAsync();
                Task<string?> next = reader.ReadLineAsync();
                await cancel.CancelAsync();
                return await next;
            },
            cancel.Token);
        (await act.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(cancel.Token);
    }

    [Fact]
    public async Task Headers_NotInTime_TimeOut()
    {
        await using RawServer server = new("", hang: true);
        (await FailAsync(server, new GuardOptions { FirstByteTimeout = TimeSpan.FromMilliseconds(200) })).Kind.Should().Be(FailureKind.TimedOut);
    }

    [Fact]
    public async Task Keys_OneRefused_NextServesAndTheRefusedRests()
    {
        await using RawServer server = new((stream, request, stop) => stream.WriteAsync(Encoding.ASCII.GetBytes(
            request.Contains("Bearer good", StringComparison.Ordinal) ? Json + "{}" : "HTTP/1.0 401 No\r\n\r\n"), stop).AsTask());
        GuardOptions options = new() { Keys = new ApiKeyPool(static _ => new(["bad", "good"])) };
        using HttpClient client = GuardedHttp.CreateClient(options);
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await SendAsync(client, server);
            response.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        server.Requests.Count(static r => r.Contains("Bearer bad", StringComparison.Ordinal)).Should().Be(1);
    }

    [Theory]
    [InlineData("Retry-After-Ms: 250\r\nRetry-After: 9", "", 250)]
    [InlineData("Retry-After: 1.5", "", 1500)]
    [InlineData("X-Other: 1", "Please try again in 6m0s.", 360_000)]
    [InlineData("x-ratelimit-reset-requests: 120ms", "", 120)]
    public async Task RetryAfter_InEachForm_IsRead(string header, string text, int milliseconds)
    {
        await using RawServer server = new($"HTTP/1.0 429 Slow\r\n{header}\r\n\r\n{text}");
        (await FailAsync(server, new GuardOptions())).RetryAfter.Should().Be(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Fact]
    public async Task RetryAfterAndRequestId_OfAnOwnTable_ComeBeforeTheServers()
    {
        const string Refusal = "HTTP/1.0 429 Slow\r\nRetry-After: 9\r\nx-request-id: theirs\r\n\r\n";
        await using RawServer server = new(Refusal);
        ProviderFailure failure = await FailAsync(server, new GuardOptions { Classify = static _ => new ProviderFailure(FailureKind.RateLimited, "own") });
        (failure.Message, failure.RetryAfter, failure.RequestId).Should().Be(("own", TimeSpan.FromSeconds(9), "theirs"));
        await using RawServer other = new(Refusal);
        failure = await FailAsync(other, new GuardOptions { Classify = static _ => new ProviderFailure(FailureKind.RateLimited, "own") { RetryAfter = TimeSpan.FromSeconds(2), RequestId = "ours" } });
        (failure.RetryAfter, failure.RequestId).Should().Be((TimeSpan.FromSeconds(2), "ours"));
    }

    [Theory]
    [InlineData("{\"object\":\"error\",\"message\":\"it broke\"}")] // vLLM's and FastChat's form
    [InlineData("{\"error\":\"it broke\"}")]
    [InlineData("{\"error\":true,\"message\":\"it broke\"}")]
    public async Task Error_WithinAStream_IsSeenInEachForm(string data)
    {
        await using RawServer server = new($"{Sse}data: {data}\n\ndata: [DONE]\n\n");
        ProviderFailure failure = await FailAsync(server, new GuardOptions());
        failure.Kind.Should().Be(FailureKind.ConnectionLost);
        failure.Message.Should().Contain("it broke");
    }

    [Theory]
    [InlineData("{\"object\":\"chat.completion.chunk\",\"error\":null,\"choices\":[]}")]
    [InlineData("{\"object\":1,\"error\":false,\"choices\":[]}")]
    public async Task Stream_ThatSaysThereIsNoError_Passes(string data)
    {
        await using RawServer server = new($"{Sse}data: {data}\n\ndata: [DONE]\n\n");
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions());
        using HttpResponseMessage response = await SendAsync(client, server);
        (await response.Content.ReadAsStringAsync()).Should().Contain(data);
    }

    [Fact]
    public async Task Error_WithinAStream_IsALostConnectionAndKeepsItsCode()
    {
        await using RawServer server = new(Sse + "data: {\"error\":{\"message\":\"it broke\",\"code\":\"boom\"}}\n\n");
        ProviderFailure failure = await FailAsync(server, new GuardOptions { Classify = static e => new ProviderFailure(FailureKind.Transient, e.Message!) { Code = "own-code" } });
        (failure.Kind, failure.Message, failure.Code).Should().Be((FailureKind.ConnectionLost, "it broke", "own-code"));
    }

    private static async Task FloodAsync(Stream stream, CancellationToken stop)
    {
        byte[] block = new byte[64 * 1024];
        Array.Fill(block, (byte)'1');
        while (true)
        {
            await stream.WriteAsync(block, stop);
        }
    }

    private static async Task<ProviderFailure> FailAsync(RawServer server, GuardOptions options)
    {
        Func<Task> act = () => ReadAsync(server, options);
        return (await act.Should().ThrowAsync<ProviderException>()).Which.Failure;
    }

    private static async Task<string> ReadAsync(RawServer server, GuardOptions options)
    {
        using HttpClient client = GuardedHttp.CreateClient(options);
        using HttpResponseMessage response = await SendAsync(client, server);
        return await response.Content.ReadAsStringAsync();
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, RawServer server) =>
        client.SendAsync(new HttpRequestMessage(HttpMethod.Post, server.Address) { Content = new StringContent("{}") }, HttpCompletionOption.ResponseHeadersRead);
}
