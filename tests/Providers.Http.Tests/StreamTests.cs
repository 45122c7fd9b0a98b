#pragma warning disable CA1835, CA2022 // every way to read is meant
using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Providers.Http.Tests;

/// <summary>How streams are cut into pieces, whatever their line ends and however the bytes arrive.</summary>
public sealed class StreamTests
{
    private const string Sse = "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    private const string Finish = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}";

    [Theory]
    [InlineData("\n\n")]
    [InlineData("\r\n\r\n")]
    [InlineData("\n\r\n")]
    public async Task Events_ArrivingByteByByte_AreTheSame(string end)
    {
        string stream = $": hello{end}event: message\ndata:{{\"choices\":[{{\"delta\":\ndata: {{\"content\":\"a\"}}}}]}}{end}{Finish}{end}data: [DONE]{end}";
        await using RawServer server = new(async (socket, _, stop) =>
        {
            await socket.WriteAsync(Encoding.ASCII.GetBytes(Sse), stop);
            foreach (byte b in Encoding.ASCII.GetBytes(stream))
            {
                await socket.WriteAsync(new[] { b }, stop);
                await socket.FlushAsync(stop);
            }
        });
        (await ReadAsync(server)).Should().Be(stream);
    }

    [Theory]
    [InlineData("event: error\ndata: {\"message\":\"slow\",\n\n", FailureKind.ConnectionLost)]
    [InlineData("event: error\ndata: {\"error\":{\"code\":\"rate_limit_exceeded\",\ndata: \"message\":\"slow\"}}\n\n", FailureKind.RateLimited)]
    [InlineData("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"abort\"}]}\n\n", FailureKind.ConnectionLost)]
    public async Task Event_ThatIsAnError_FailsTheStreamWithItsKind(string block, FailureKind kind)
    {
        await using RawServer server = new(Sse + block);
        (await FluentActions.Awaiting(() => ReadAsync(server)).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(kind);
    }

    [Theory]
    [InlineData("data: {oops")]
    [InlineData("data: {\"error\":{\"message\":\"no usage\"}}")]
    [InlineData("event: error\ndata: {}")]
    [InlineData("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"abort\"}]}")]
    public async Task Junk_AfterTheFinish_DoesNotSpoilTheAnswer(string junk)
    {
        await using RawServer server = new(Sse + Finish + "\n\n" + junk + "\n\ndata: more\n\n");
        (await ReadAsync(server)).Should().Be(Finish + "\n\n");
    }

    [Fact]
    public async Task Lines_EmptyOnes_AreLeftOut()
    {
        await using RawServer server = new("HTTP/1.0 200 OK\r\nContent-Type: application/jsonl\r\n\r\n{\"done\":false}\n\n  \r\n{\"done\":true}\n");
        (await ReadAsync(server)).Should().Be("{\"done\":false}\n{\"done\":true}\n");
    }

    [Fact]
    public async Task Stream_ReadInEveryWay_GivesTheSame()
    {
        await using RawServer server = new(Sse + Finish + "\n\n");
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions());
        using HttpResponseMessage response = await SendAsync(client, server);
        Stream stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        byte[] bytes = new byte[200];
        (await stream.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken)).Should().Be(0);
        int first = await Task.Run(() => stream.Read(bytes, 0, 10));
        int rest = await stream.ReadAsync(bytes, first, 190, TestContext.Current.CancellationToken);
        Encoding.ASCII.GetString(bytes, 0, first + rest).Should().Be(Finish + "\n\n");
        (stream.CanRead, stream.CanSeek, stream.CanWrite).Should().Be((true, false, false));
        stream.Flush();
        stream.Invoking(static s => s.Length).Should().Throw<NotSupportedException>();
        stream.Invoking(static s => s.Position).Should().Throw<NotSupportedException>();
        stream.Invoking(static s => s.Position = 1).Should().Throw<NotSupportedException>();
        stream.Invoking(static s => s.Seek(0, SeekOrigin.Begin)).Should().Throw<NotSupportedException>();
        stream.Invoking(static s => s.SetLength(1)).Should().Throw<NotSupportedException>();
        stream.Invoking(static s => s.Write([], 0, 0)).Should().Throw<NotSupportedException>();
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task Read_CancelledByItsOwnToken_IsCancelled()
    {
        await using RawServer server = new(Sse + ": wait\n\n", hang: true);
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions());
        using HttpResponseMessage response = await SendAsync(client, server);
        Stream stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        byte[] bytes = new byte[100];
        await stream.ReadAsync(bytes, TestContext.Current.CancellationToken);
        using CancellationTokenSource own = new();
        Task<int> read = stream.ReadAsync(bytes, own.Token).AsTask();
        await own.CancelAsync();
        (await FluentActions.Awaiting(() => read).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(own.Token);
    }

    [Fact]
    public async Task Request_CancelledWhileHeadersAreAwaited_IsCancelled()
    {
        await using RawServer server = new("", hang: true);
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions());
        using CancellationTokenSource own = new();
        Task<HttpResponseMessage> sent = client.GetAsync(server.Address, own.Token);
        await own.CancelAsync();
        await FluentActions.Awaiting(() => sent).Should().ThrowAsync<OperationCanceledException>();
    }

    [Theory]
    [InlineData("HTTP/1.0 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.0 205 Reset Content\r\n\r\n")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    public async Task Answer_ThatSaysNothingByItsStatus_IsAccepted(string answer)
    {
        await using RawServer server = new(answer);
        (await ReadAsync(server)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n")]
    public async Task Answer_ThatWasToSaySomething_IsRefusedWhenEmpty(string answer)
    {
        await using RawServer server = new(answer);
        (await FluentActions.Awaiting(() => ReadAsync(server)).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.InvalidResponse);
    }

    [Fact]
    public async Task Answer_ToHead_IsAccepted()
    {
        await using RawServer server = new("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions());
        using HttpResponseMessage response = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, server.Address), TestContext.Current.CancellationToken);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Body_OfMoreThanTheRequestAllows_IsRefused()
    {
        await using RawServer server = new("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":\"" + new string('x', 3_000) + "\"}");
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions());
        HttpRequestMessage request = new(HttpMethod.Post, server.Address) { Content = new StringContent("{}") };
        request.Options.Set(GuardHandler.MaxBody, 2_000);
        (await FluentActions.Awaiting(() => client.SendAsync(request)).Should().ThrowAsync<ProviderException>()).Which.Message.Should().Contain("2000 bytes");
    }

    [Fact]
    public async Task Refusal_ThatNeverEnds_GoesByItsStatus()
    {
        FakeTimeProvider clock = new();
        TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async (socket, _, stop) =>
        {
            await socket.WriteAsync("HTTP/1.0 500 Error\r\n\r\n{\"err"u8.ToArray(), stop);
            sent.SetResult();
            await Task.Delay(Timeout.Infinite, stop);
        });
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { FirstByteTimeout = Timeout.InfiniteTimeSpan }, clock); // the clock may run before the headers are read
        Task<HttpResponseMessage> asked = client.GetAsync(server.Address, TestContext.Current.CancellationToken);
        await sent.Task;
        while (!asked.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await FluentActions.Awaiting(() => asked).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.Transient);
    }

    [Fact]
    public async Task Endpoint_OutsidePrivateNetworks_IsRefusedWhenOnlyThoseAreAllowed()
    {
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { PrivateNetworkOnly = true });
        ProviderException refused = (await FluentActions.Awaiting(() => client.GetAsync(new Uri("http://192.0.2.1/"))).Should().ThrowAsync<ProviderException>()).Which;
        refused.Kind.Should().Be(FailureKind.BadRequest);
        refused.Message.Should().Contain("PrivateNetworkOnly");
    }

    private static async Task<string> ReadAsync(RawServer server)
    {
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions());
        using HttpResponseMessage response = await SendAsync(client, server);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, RawServer server) => client.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, server.Address) { Content = new StringContent("{}") }, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
}
