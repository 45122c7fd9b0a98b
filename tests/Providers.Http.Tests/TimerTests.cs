using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Providers.Http.Tests;

/// <summary>The timers of an answer, on a clock that only the test moves.</summary>
public sealed class TimerTests
{
    private const string Sse = "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    private const string Json = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n";
    private readonly WatchedClock _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData(Sse)]
    [InlineData(Json)]
    public async Task FirstByte_NotInTime_TimesOutAndNamesTheOption(string start)
    {
        await using RawServer server = new(start, hang: true);
        ProviderException seen = await FailAsync(server, new GuardOptions { FirstByteTimeout = TimeSpan.FromSeconds(40) });
        seen.Kind.Should().Be(FailureKind.TimedOut);
        seen.Message.Should().Contain("FirstByteTimeout");
        _clock.GetUtcNow().Should().BeOnOrAfter(_clock.Start.AddSeconds(40));
    }

    [Theory]
    [InlineData(Sse + ": keepalive\n\n")]
    [InlineData(Json + "{\"a\":")]
    public async Task Silence_InTheMiddleOfAnAnswer_TimesOutWithTheNumber(string start)
    {
        await using RawServer server = new(start, hang: true);
        ProviderException seen = await FailAsync(server, new GuardOptions { FirstByteTimeout = Timeout.InfiniteTimeSpan, IdleTimeout = TimeSpan.FromSeconds(7) });
        seen.Kind.Should().Be(FailureKind.TimedOut);
        seen.Message.Should().Contain("7.0 s").And.Contain("IdleTimeout");
    }

    [Fact]
    public async Task Silence_ThatACallAllows_IsWaitedFor()
    {
        TaskCompletionSource verified = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async (stream, _, stop) =>
        {
            await stream.WriteAsync("HTTP/1.0 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n{\"status\":\"verifying\"}\n"u8.ToArray(), stop);
            await verified.Task.WaitAsync(stop);
            await stream.WriteAsync("{\"status\":\"success\"}\n"u8.ToArray(), stop);
        });
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions(), _clock);
        Task<List<string>> call = CallScope.StreamAsync(LinesAsync(client, server, read), null, TimeSpan.FromMinutes(10), Stop).ToListAsync(Stop).AsTask();
        await read.Task;
        await _clock.ArmedAsync(TimeSpan.FromMinutes(10));
        _clock.Advance(TimeSpan.FromMinutes(9));
        verified.SetResult();
        (await call).Should().HaveCount(2);
    }

    [Fact]
    public async Task FirstByte_OfAWholeAnswer_HasTheTimeThatTheCallGivesIt()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource generated = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async (stream, _, stop) =>
        {
            asked.SetResult();
            await generated.Task.WaitAsync(stop);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Json + "{}"), stop);
        });
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions(), _clock);
        Task<string> call = CallScope.RunAsync(() => client.GetStringAsync(server.Address, Stop), Stop, TimeSpan.FromMinutes(20));
        await asked.Task;
        _clock.Advance(TimeSpan.FromMinutes(19));
        call.IsCompleted.Should().BeFalse("the 60 seconds of FirstByteTimeout are for streams");
        generated.SetResult();
        (await call).Should().Be("{}");
    }

    [Fact]
    public async Task FirstByte_OfACallsOwn_RunsOutToo()
    {
        await using RawServer server = new("", hang: true);
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { ConnectTimeout = Timeout.InfiniteTimeSpan, FirstByteTimeout = Timeout.InfiniteTimeSpan }, _clock);
        ProviderException seen = await FailAsync(CallScope.RunAsync(() => client.GetStringAsync(server.Address, Stop), Stop, TimeSpan.FromSeconds(3)));
        seen.Message.Should().Contain("3.0 s");
    }

    [Theory]
    [InlineData(40, 30, "the last 10.0 s of it after the headers")]
    [InlineData(3_600, 1, "the last 3599.0 s of it after the headers")]
    public async Task FirstByte_AfterLateHeaders_HasOnlyWhatIsLeft(int limit, int headersAfter, string left)
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource thought = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = Slow(asked, thought, "");
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { ConnectTimeout = Timeout.InfiniteTimeSpan, FirstByteTimeout = TimeSpan.FromSeconds(limit) }, _clock);
        Task<HttpResponseMessage> sending = SendAsync(client, server);
        await asked.Task;
        _clock.Advance(TimeSpan.FromSeconds(headersAfter));
        thought.SetResult();
        using HttpResponseMessage response = await sending;
        (await FailAsync(response.Content.ReadAsStringAsync(Stop))).Message.Should().Contain(left).And.Contain("FirstByteTimeout");
    }

    [Fact]
    public async Task FirstByte_WithoutALimit_IsWaitedForAfterLateHeadersToo()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource thought = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = Slow(asked, thought, "data: {}\n\ndata: [DONE]\n\n", more);
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { ConnectTimeout = Timeout.InfiniteTimeSpan, FirstByteTimeout = Timeout.InfiniteTimeSpan }, _clock);
        Task<HttpResponseMessage> sending = SendAsync(client, server);
        await asked.Task;
        _clock.Advance(TimeSpan.FromHours(1));
        thought.SetResult();
        using HttpResponseMessage response = await sending;
        Task<string> reading = response.Content.ReadAsStringAsync(Stop);
        await _clock.ArmedAsync(Timeout.InfiniteTimeSpan);
        _clock.Advance(TimeSpan.FromHours(1));
        more.SetResult();
        (await reading).Should().EndWith("data: [DONE]\n\n");
    }

    [Fact]
    public async Task Request_CancelledByItsOwnToken_EndsThoughTheScopesCallerWaits()
    {
        await using RawServer server = new("", hang: true);
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { FirstByteTimeout = Timeout.InfiniteTimeSpan, ConnectTimeout = Timeout.InfiniteTimeSpan }, _clock);
        using CancellationTokenSource caller = new(), own = new();
        Task<string> call = CallScope.RunAsync(() => client.GetStringAsync(server.Address, own.Token), caller.Token);
        await own.CancelAsync();
        (await FluentActions.Awaiting(() => call).Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().NotBe(caller.Token);
    }

    [Fact]
    public async Task Scope_WithoutACall_IsRefused()
    {
        await FluentActions.Awaiting(() => CallScope.RunAsync<int>(null!, Stop)).Should().ThrowAsync<ArgumentNullException>();
        await FluentActions.Awaiting(() => CallScope.StreamAsync<int>(null!, cancellationToken: Stop).ToListAsync(Stop).AsTask()).Should().ThrowAsync<ArgumentNullException>();
    }

    [Fact]
    public async Task Stream_AfterItsFinishReason_IsReadOnForUsageOnlyAsLongAsTheGrace()
    {
        await using RawServer server = new(Sse + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n", hang: true);
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { TrailerGrace = TimeSpan.FromSeconds(30) }, _clock);
        using HttpResponseMessage response = await SendAsync(client, server);
        (await UntilAsync(response.Content.ReadAsStringAsync(Stop))).Should().Contain("stop");
    }

    [Fact]
    public async Task Stream_WithNoGraceAtAll_EndsAtItsFinishReason()
    {
        await using RawServer server = new(Sse + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n", hang: true);
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions { TrailerGrace = TimeSpan.Zero }, _clock);
        using HttpResponseMessage response = await SendAsync(client, server);
        (await response.Content.ReadAsStringAsync(Stop)).Should().Contain("stop");
    }

    [Fact]
    public async Task Scope_WhoseCallerHasLeft_IsCancelledBeforeTheNextRead()
    {
        await using RawServer server = new(Sse + ": one\n\n", hang: true);
        using HttpClient client = GuardedHttp.CreateClient(new GuardOptions(), _clock);
        using CancellationTokenSource caller = new();
        byte[] bytes = new byte[100];
        await FluentActions.Awaiting(() => CallScope.RunAsync(
            async () =>
            {
                using HttpResponseMessage response = await SendAsync(client, server);
                Stream stream = await response.Content.ReadAsStreamAsync(Stop);
                int read = await stream.ReadAsync(bytes, Stop);
                await caller.CancelAsync();
                return read + await stream.ReadAsync(bytes, Stop);
            },
            caller.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Scope_WhoseCallReturnsInSpiteOfTheCancellation_IsCancelled()
    {
        using CancellationTokenSource caller = new();
        await FluentActions.Awaiting(() => CallScope.RunAsync(
            async () =>
            {
                await caller.CancelAsync();
                return 1;
            },
            caller.Token)).Should().ThrowAsync<OperationCanceledException>();
        List<int> seen = await CallScope.StreamAsync(new[] { 1, 2 }.ToAsyncEnumerable(), cancellationToken: Stop).ToListAsync(Stop);
        seen.Should().Equal(1, 2);
    }

    /// <summary>Sends its headers when it has thought, and a body when there is more.</summary>
    private static RawServer Slow(TaskCompletionSource asked, TaskCompletionSource thought, string body, TaskCompletionSource? more = null) => new(async (stream, _, stop) =>
    {
        asked.SetResult();
        await thought.Task.WaitAsync(stop);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Sse), stop);
        await (more?.Task.WaitAsync(stop) ?? Task.Delay(Timeout.Infinite, stop));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(body), stop);
    });

    private static async IAsyncEnumerable<string> LinesAsync(HttpClient client, RawServer server, TaskCompletionSource first)
    {
        using HttpResponseMessage response = await SendAsync(client, server);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(Stop));
        while (await reader.ReadLineAsync(Stop) is { } line)
        {
            first.TrySetResult();
            yield return line;
        }
    }

    private async Task<ProviderException> FailAsync(RawServer server, GuardOptions options)
    {
        options.ConnectTimeout = Timeout.InfiniteTimeSpan; // the clock may run before the connection is there
        using HttpClient client = GuardedHttp.CreateClient(options, _clock);
        return await FailAsync(ReadAsync(client, server));
    }

    private async Task<ProviderException> FailAsync(Task<string> call) =>
        (await FluentActions.Awaiting(() => UntilAsync(call)).Should().ThrowAsync<ProviderException>()).Which;

    private async Task<T> UntilAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return await task;
    }

    private static async Task<string> ReadAsync(HttpClient client, RawServer server)
    {
        using HttpResponseMessage response = await SendAsync(client, server);
        return await response.Content.ReadAsStringAsync(Stop);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, RawServer server) =>
        client.SendAsync(new HttpRequestMessage(HttpMethod.Post, server.Address) { Content = new StringContent("{}") }, HttpCompletionOption.ResponseHeadersRead, Stop);
}
