using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Providers.Mlx.Tests;

public sealed class SupervisorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitReady_ServerStarts_EndsWhenItGenerates()
    {
        using StubServer stub = new();
        RunningServer running = await stub.Supervisor.WaitReadyAsync(Stop);

        stub.Supervisor.Status.State.Should().Be(MlxServerState.Ready);
        stub.Supervisor.Status.Endpoint.Should().Be(running.Endpoint);
        stub.Supervisor.Status.ProcessId.Should().Be(stub.ProcessIds.Single());
        running.Endpoint.Port.Should().Be(stub.Ports.Single());
        stub.Lines("models").Should().Equal("default_model");
    }

    [Fact]
    public async Task WaitReady_LateListener_IsWaitedFor()
    {
        using StubServer stub = new("listens-late=0.4");
        await stub.Supervisor.WaitReadyAsync(Stop);
        stub.ProcessIds.Should().ContainSingle();
    }

    [Fact]
    public async Task WaitReady_NeverListens_FaultsWithTheDeadline()
    {
        using StubServer stub = new("never-listens", o => { o.ListenTimeout = TimeSpan.FromMilliseconds(600); o.MaxRestarts = 0; });
        MlxServerException e = await Fails(stub);
        e.Message.Should().Contain("did not listen").And.Contain("0.6 s").And.Contain("Launch:ListenTimeout");
        e.Kind.Should().Be(FailureKind.TimedOut);
        stub.LoggedProcessIds.Should().ContainSingle().Which.Should().Match(id => !StubServer.IsAlive(id));
    }

    [Fact]
    public async Task WaitReady_LoadHangs_FaultsAlthoughHealthSaysOk()
    {
        using StubServer stub = new("load-hangs", o => { o.LoadTimeout = TimeSpan.FromMilliseconds(600); o.MaxRestarts = 0; });
        (await Fails(stub)).Message.Should().Contain("no token within 0.6 s").And.Contain("Launch:LoadTimeout");
    }

    [Fact]
    public async Task WaitReady_ModelMissing_IsPermanentAndNotRestarted()
    {
        using StubServer stub = new("model-missing");
        MlxServerException e = await Fails(stub);
        e.ExitCode.Should().Be(70);
        e.Kind.Should().Be(FailureKind.ModelMissing);
        e.Output.Should().Contain(l => l.Contains("Repository Not Found"));
        stub.ProcessIds.Should().ContainSingle();
        stub.Supervisor.Status.State.Should().Be(MlxServerState.Faulted);
    }

    [Fact]
    public async Task WaitReady_LoadRunsOutOfMemory_IsRestartedThenFaulted()
    {
        using StubServer stub = new("load-fails", o => o.MaxRestarts = 2);
        MlxServerException e = await Fails(stub);
        e.ExitCode.Should().Be(70);
        e.Kind.Should().Be(FailureKind.Overloaded);
        e.Message.Should().Contain("more than 2 restarts");
        stub.ProcessIds.Should().HaveCount(3);
        stub.Supervisor.Status.Restarts.Should().Be(2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task WaitReady_PortClash_TakesAnotherPort(int clashes)
    {
        using StubServer stub = new($"port-clash={clashes}", o => o.MaxRestarts = 0);
        await stub.Supervisor.WaitReadyAsync(Stop);
        stub.Ports.Should().HaveCount(clashes + 1);
        stub.Logger.Entries.Count(e => e.Id is 506).Should().Be(clashes);
        stub.ProcessIds.Take(clashes).Should().OnlyContain(id => !StubServer.IsAlive(id));
    }

    [Fact]
    public async Task WaitReady_PortClashThreeTimes_EndsWithExit71()
    {
        using StubServer stub = new("port-clash=9", o => o.MaxRestarts = 0);
        MlxServerException e = await Fails(stub);
        e.ExitCode.Should().Be(71);
        e.Message.Should().Contain("taken by another process");
        stub.ProcessIds.Should().HaveCount(3);
    }

    [Fact]
    public async Task WaitReady_FixedPortTaken_SaysSoWithoutAskingTheStranger()
    {
        using System.Net.Sockets.TcpListener stranger = new(System.Net.IPAddress.Loopback, 0);
        stranger.Start();
        int port = ((System.Net.IPEndPoint)stranger.LocalEndpoint).Port;
        using StubServer stub = new("", o => { o.Port = port; o.MaxRestarts = 0; });
        (await Fails(stub)).Message.Should().Contain($"Port {port} is taken");
        stub.ProcessIds.Should().BeEmpty();
    }

    [Theory]
    [InlineData("exits=0", 0)]
    [InlineData("exits=9", 9)]
    [InlineData("raises=boom", 71)]
    public async Task WaitReady_ProcessExits_EndsTheWaitWithTheOutput(string fault, int exitCode)
    {
        using StubServer stub = new(fault, o => o.MaxRestarts = 0);
        MlxServerException e = await Fails(stub);
        e.ExitCode.Should().Be(exitCode);
        e.Output.Should().Contain(l => l.Contains(fault.StartsWith("exits", StringComparison.Ordinal) ? "it exits" : "boom"));
    }

    [Fact]
    public async Task WaitReady_WrongArgument_IsPermanent()
    {
        using StubServer stub = new("", o => o.Arguments.Add("--no-such-option"));
        MlxServerException e = await Fails(stub);
        e.ExitCode.Should().Be(2);
        e.Message.Should().Contain("arguments are wrong");
        stub.ProcessIds.Should().BeEmpty();
    }

    [Theory]
    [InlineData("answers=404:Repository Not Found", FailureKind.ModelMissing, 1)]
    [InlineData("answers=404:Conversation roles must alternate", FailureKind.BadRequest, 2)]
    public async Task WaitReady_FirstRequestRefused_SaysWhatTheServerSaid(string fault, FailureKind kind, int starts)
    {
        using StubServer stub = new(fault, o => o.MaxRestarts = 1);
        MlxServerException e = await Fails(stub);
        e.Kind.Should().Be(kind);
        e.Message.Should().Contain("HTTP 404");
        stub.ProcessIds.Should().HaveCount(starts);
    }

    [Fact]
    public async Task WaitReady_StillLoading503_IsWaitedForUntilTheDeadline()
    {
        using StubServer stub = new("answers=503:Loading model", o => { o.LoadTimeout = TimeSpan.FromSeconds(4); o.MaxRestarts = 0; });
        (await Fails(stub)).Message.Should().Contain("no token within");
        stub.Lines("models").Count.Should().BeGreaterThan(1);
    }

    [Fact]
    public async Task Output_Flood_NeverBlocksTheServer()
    {
        using StubServer stub = new("floods");
        await stub.Supervisor.WaitReadyAsync(Stop);
        await stub.Logger.WaitForAsync(e => e.Text.Contains("err 4999"));
        await stub.Logger.WaitForAsync(e => e.Text.Contains("out 4999"));
    }

    [Fact]
    public async Task Output_LogLines_KeepTheirLevelAndLoseTheToken()
    {
        using StubServer stub = new("exits=1", o => { o.HfToken = "not-a-real-token-1234"; o.MaxRestarts = 0; });
        MlxServerException e = await Fails(stub);
        stub.Logger.Entries.Should().Contain(x => x.Level == LogLevel.Error && x.Text.Contains("it exits"));
        stub.Logger.Entries.Should().Contain(x => x.Level == LogLevel.Information && x.Text.EndsWith("token ***", StringComparison.Ordinal));
        stub.Logger.Entries.Select(x => x.Text).Concat(e.Output).Append(e.ToString()).Should().NotContain(t => t.Contains("not-a-real-token"));
        stub.Seen.GetProperty("env").GetProperty("HF_TOKEN").GetString().Should().Be("not-a-real-token-1234");
    }

    [Fact]
    public async Task GenerationThread_Dies_ProcessEnds70AndStartsAgain()
    {
        using StubServer stub = new();
        RunningServer first = await stub.Supervisor.WaitReadyAsync(Stop);
        await PostAsync(first, "die");
        await stub.Logger.WaitForAsync(502, count: 2);
        stub.ProcessIds.Should().HaveCount(2);
        stub.Supervisor.Status.Restarts.Should().Be(1);
        stub.Supervisor.Status.LastError.Should().Contain("70").And.Contain("generation thread died");
    }

    [Fact]
    public async Task Process_KilledMidStream_StartsAgain()
    {
        using StubServer stub = new();
        RunningServer first = await stub.Supervisor.WaitReadyAsync(Stop);
        (await PostAsync(first, "crash")).Should().Contain("Os").And.NotContain("[DONE]");
        await stub.Logger.WaitForAsync(502, count: 2);
        stub.Supervisor.Status.LastError.Should().Contain("137").And.Contain("signal 9");
        RunningServer second = await stub.Supervisor.WaitReadyAsync(Stop);
        second.Should().NotBeSameAs(first);
        (await PostAsync(second, "hello")).Should().Contain("[DONE]");
    }

    [Fact]
    public async Task Watch_DeadlockedServer_IsRecycled()
    {
        using StubServer stub = new();
        RunningServer first = await stub.Supervisor.WaitReadyAsync(Stop);
        ServerWatch watch = new(stub.Supervisor, StubServer.NewProbe(), stub.Activity, new WatchLimits(TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(1)), "mlx", stub.Logger);
        using HttpClient http = new();
        using HttpResponseMessage stalled = await SendAsync(http, first, "stall");

        ProbeResult result = await watch.SuspectStalledAsync(first, Stop);
        result.Outcome.Should().Be(ProbeOutcome.Silent);
        await stub.Logger.WaitForAsync(502, count: 2);
        stub.ProcessIds.Should().HaveCount(2);
        StubServer.IsAlive(stub.ProcessIds[0]).Should().BeFalse();
        (await watch.SuspectStalledAsync(await stub.Supervisor.WaitReadyAsync(Stop), Stop)).IsAlive.Should().BeTrue();
    }

    [Fact]
    public async Task Recycle_FrozenProcess_IsKilled()
    {
        using StubServer stub = new("", o => o.StopTimeout = TimeSpan.FromMilliseconds(300));
        RunningServer first = await stub.Supervisor.WaitReadyAsync(Stop);
        using (Process stop = Process.Start("kill", ["-STOP", stub.ProcessIds[0].ToString()]))
        {
            await stop.WaitForExitAsync(Stop);
        }

        ServerWatch watch = new(stub.Supervisor, StubServer.NewProbe(), stub.Activity, new WatchLimits(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(1)), "mlx", stub.Logger);
        (await watch.SuspectDroppedAsync(first, Stop)).Outcome.Should().Be(ProbeOutcome.Silent);
        await stub.Supervisor.WaitReadyAsync(Stop);
        StubServer.IsAlive(stub.ProcessIds[0]).Should().BeFalse();
    }

    [Fact]
    public async Task Watch_OtherAnswersGoOn_DoesNotProbe()
    {
        using StubServer stub = new();
        RunningServer running = await stub.Supervisor.WaitReadyAsync(Stop);
        ServerWatch watch = new(stub.Supervisor, StubServer.NewProbe(), stub.Activity, new WatchLimits(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)), "mlx", stub.Logger);
        stub.Activity.NoteByte();
        (await watch.SuspectStalledAsync(running, Stop)).IsAlive.Should().BeTrue();
        stub.Lines("models").Should().ContainSingle("only readiness asked");
    }

    [Fact]
    public async Task Recycle_OfAnEarlierRun_DoesNothing()
    {
        using StubServer stub = new();
        RunningServer running = await stub.Supervisor.WaitReadyAsync(Stop);
        stub.Supervisor.Recycle(running with { }, "stale");
        stub.Supervisor.Status.State.Should().Be(MlxServerState.Ready);
    }

    [Fact]
    public async Task Restart_AfterAFault_StartsWithACleanSlate()
    {
        using StubServer stub = new("load-hangs-first=1", o => { o.LoadTimeout = TimeSpan.FromSeconds(5); o.MaxRestarts = 0; });
        await Fails(stub);
        stub.Supervisor.Restart();
        await stub.Supervisor.WaitReadyAsync(Stop);
        stub.ProcessIds.Should().HaveCount(2);
    }

    [Fact]
    public async Task Restart_OfARunningServer_ReplacesIt()
    {
        using StubServer stub = new();
        await stub.Supervisor.WaitReadyAsync(Stop);
        stub.Supervisor.Restart();
        await stub.Supervisor.WaitReadyAsync(Stop);
        stub.ProcessIds.Should().HaveCount(2);
    }

    [Fact]
    public async Task Dispose_RunningServer_EndsAtItsClosedInput()
    {
        StubServer stub = new("ignores-signals");
        await stub.Supervisor.WaitReadyAsync(Stop);
        int id = stub.ProcessIds.Single();
        await stub.Supervisor.DisposeAsync();
        StubServer.IsAlive(id).Should().BeFalse();
        stub.Supervisor.Status.State.Should().Be(MlxServerState.Stopped);
        await stub.Supervisor.Invoking(s => s.WaitReadyAsync(Stop)).Should().ThrowAsync<ObjectDisposedException>();
        stub.Dispose();
    }

    [Fact]
    public async Task Dispose_WhileStarting_EndsTheProcessAndTheWait()
    {
        using StubServer stub = new("load-hangs");
        Task<RunningServer> wait = stub.Supervisor.WaitReadyAsync(Stop);
        await stub.Logger.WaitForAsync(501);
        await stub.Supervisor.DisposeAsync();
        await wait.Invoking(w => w).Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task WaitReady_CallerCancels_LeavesTheServerStarting()
    {
        using StubServer stub = new("load-hangs");
        using CancellationTokenSource caller = new();
        Task<RunningServer> wait = stub.Supervisor.WaitReadyAsync(caller.Token);
        await stub.Logger.WaitForAsync(501);
        await caller.CancelAsync();
        await wait.Invoking(w => w).Should().ThrowAsync<OperationCanceledException>();
        stub.Supervisor.Status.State.Should().Be(MlxServerState.Starting);
    }

    [Fact]
    public async Task Arguments_EveryOption_ReachesTheServer()
    {
        using StubServer stub = new("", o =>
        {
            o.ChatTemplate = "{{ messages }}";
            o.ChatTemplateArguments = """{"enable_thinking":false}""";
            o.DraftModel = "stub/draft";
            o.DraftTokens = 4;
            o.DecodeConcurrency = 16;
            o.TrustRemoteCode = true;
            o.HfHome = "/tmp/hf home";
            o.HfHubCache = "/tmp/hub";
            o.HfEndpoint = new Uri("https://hub.example/");
            o.Offline = false;
        });
        await stub.Supervisor.WaitReadyAsync(Stop);
        string[] argv = [.. stub.Seen.GetProperty("argv").EnumerateArray().Select(a => a.GetString()!)];
        argv.Should().Equal("mlx_lm.server", "--host", "127.0.0.1", "--port", $"{stub.Ports[0]}", "--allowed-origins", "http://127.0.0.1",
            "--model", "stub/model", "--draft-model", "stub/draft", "--num-draft-tokens", "4", "--chat-template", "{{ messages }}",
            "--chat-template-args", """{"enable_thinking":false}""", "--decode-concurrency", "16", "--trust-remote-code");
        System.Text.Json.JsonElement env = stub.Seen.GetProperty("env");
        env.GetProperty("HF_HOME").GetString().Should().Be("/tmp/hf home");
        env.GetProperty("HF_HUB_CACHE").GetString().Should().Be("/tmp/hub");
        env.GetProperty("HF_ENDPOINT").GetString().Should().Be("https://hub.example/");
        env.GetProperty("HF_HUB_OFFLINE").GetString().Should().Be("0");
        env.GetProperty("PYTHONUNBUFFERED").GetString().Should().Be("1");

    }

    internal static async Task<MlxServerException> Fails(StubServer stub) =>
        (await stub.Supervisor.Invoking(s => s.WaitReadyAsync(Stop)).Should().ThrowAsync<MlxServerException>()).Which;

    internal static async Task<HttpResponseMessage> SendAsync(HttpClient http, RunningServer server, string prompt)
    {
        ByteArrayContent body = new(Encoding.UTF8.GetBytes($$"""{"model":"default_model","messages":[{"role":"user","content":"{{prompt}}"}],"stream":true}"""));
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(server.Endpoint, "/v1/chat/completions")) { Content = body };
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
    }

    internal static async Task<string> PostAsync(RunningServer server, string prompt)
    {
        using HttpClient http = new();
        try
        {
            using HttpResponseMessage response = await SendAsync(http, server, prompt);
            return await response.Content.ReadAsStringAsync(Stop);
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
    }
}
