namespace Providers.Mlx.Tests;

public sealed class HealthTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_Idle_AsksForOneToken()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Answer("x")));
        await using MlxProvider provider = Chat.Attach(server, o => o.ApiKey = "k-2");
        (await provider.CheckHealthAsync(Stop)).Health.Should().Be(ProviderHealth.Healthy);
        RawServer.Exchange probe = server.Exchanges.Single();
        probe.Json.GetProperty("max_tokens").GetInt32().Should().Be(1);
        probe.Json.GetProperty("stream").GetBoolean().Should().BeTrue();
        probe.Head.Should().Contain("Authorization: Bearer k-2");
    }

    [Fact]
    public async Task Health_AfterTraffic_IsPassive()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Answer("x")));
        await using MlxProvider provider = Chat.Attach(server);
        await Chat.AskAsync(provider);
        (await provider.CheckHealthAsync(Stop)).Health.Should().Be(ProviderHealth.Healthy);
        server.Exchanges.Should().ContainSingle("the answer was proof enough");
    }

    [Fact]
    public async Task Health_RequestUnderWayAndSilent_IsDegradedWithoutAProbe()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RawServer server = new(async x =>
        {
            asked.SetResult();
            await x.HangAsync();
        });
        await using MlxProvider provider = Chat.Attach(server);
        using CancellationTokenSource caller = new();
        Task waiting = provider.ChatClient!.GetResponseAsync(Chat.Question, null, caller.Token);
        await asked.Task;
        ProviderHealthReport report = await provider.CheckHealthAsync(Stop);
        report.Health.Should().Be(ProviderHealth.Degraded);
        report.Detail.Should().StartWith("1 requests are under way");
        server.Exchanges.Should().ContainSingle();
        await caller.CancelAsync();
        await waiting.Invoking(w => w).Should().ThrowAsync<OperationCanceledException>();
    }

    [Theory]
    [InlineData(404, """{"error":"A model path has to be given as a CLI argument or in the HTTP request"}""", ProviderHealth.Degraded)]
    [InlineData(404, """{"error":"Repository Not Found"}""", ProviderHealth.Degraded)]
    [InlineData(401, "{}", ProviderHealth.Unhealthy)]
    [InlineData(500, "{}", ProviderHealth.Unhealthy)]
    public async Task Health_ProbeRefused_DependsOnTheReason(int status, string body, ProviderHealth health)
    {
        await using RawServer server = RawServer.Json(body, status);
        await using MlxProvider provider = Chat.Attach(server);
        ProviderHealthReport report = await provider.CheckHealthAsync(Stop);
        report.Health.Should().Be(health);
        report.Detail.Should().Contain($"HTTP {status}");
    }

    [Fact]
    public async Task Health_ServerRepeatsTheKey_IsMasked()
    {
        await using RawServer server = RawServer.Json("""{"error":"wrong key hush-hush"}""", 401);
        await using MlxProvider provider = Chat.Attach(server, o => o.ApiKey = "hush-hush");
        (await provider.CheckHealthAsync(Stop)).Detail.Should().Contain("wrong key ***").And.NotContain("hush-hush");
    }

    [Fact]
    public async Task Health_SilentOrDroppingOrGone_IsUnhealthy()
    {
        bool hang = true;
        RawServer server = new(x => hang ? x.HangAsync() : Task.CompletedTask);
        await using (MlxProvider hasty = Chat.Attach(server, o => o.ProbeTimeout = TimeSpan.FromMilliseconds(200)))
        {
            ProviderHealthReport report = await hasty.CheckHealthAsync(Stop);
            report.Should().Be(new ProviderHealthReport(ProviderHealth.Unhealthy, "A one-token request found that no token came in time."));
        }

        hang = false;
        await using MlxProvider provider = Chat.Attach(server);
        (await provider.CheckHealthAsync(Stop)).Detail.Should().Contain("closed without a token");
        await server.DisposeAsync();
        (await provider.CheckHealthAsync(Stop)).Detail.Should().Contain("nobody listens");
    }

    [Fact]
    public async Task Health_HeadersWithoutAToken_IsDropped()
    {
        await using RawServer server = new(x => x.WriteAsync(Sse.Head + ": keepalive 1/1\n\n"));
        await using MlxProvider provider = Chat.Attach(server);
        (await provider.CheckHealthAsync(Stop)).Health.Should().Be(ProviderHealth.Unhealthy);
    }

    [Fact]
    public async Task Health_CallerCancels_IsOperationCanceled()
    {
        using CancellationTokenSource caller = new();
        await using RawServer server = new(async x =>
        {
            await caller.CancelAsync();
            await x.HangAsync();
        });
        await using MlxProvider provider = Chat.Attach(server);
        await provider.Invoking(p => p.CheckHealthAsync(caller.Token).AsTask()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Launched_EveryState_HasItsHealth()
    {
        using StubServer stub = new();
        await using MlxProvider provider = Chat.Launch(stub);
        (await provider.CheckHealthAsync(Stop)).Health.Should().Be(ProviderHealth.Unknown);
        await provider.StartServerAsync(Stop);
        provider.Descriptor.Endpoint!.Port.Should().Be(stub.Ports.Single());
        (await provider.CheckHealthAsync(Stop)).Health.Should().Be(ProviderHealth.Healthy);
        provider.Descriptor.Models.Single().Id.Should().Be("stub/model");
        await provider.RestartServerAsync(Stop);
        stub.ProcessIds.Should().HaveCount(2);
        provider.ServerStatus!.Restarts.Should().Be(1);
    }

    [Fact]
    public async Task Launched_Eagerly_StartsWithTheProvider()
    {
        using StubServer stub = new("", o => o.StartEagerly = true);
        await using MlxProvider provider = Chat.Launch(stub);
        await stub.Logger.WaitForAsync(502);
        provider.ServerStatus!.State.Should().Be(MlxServerState.Ready);
    }

    [Fact]
    public async Task Attached_CannotBeRestarted()
    {
        await using RawServer server = new(_ => Task.CompletedTask);
        await using MlxProvider provider = Chat.Attach(server);
        await provider.StartServerAsync(Stop);
        await provider.Invoking(p => p.RestartServerAsync(Stop)).Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Models_Listed_JoinTheDeclared()
    {
        await using RawServer server = RawServer.Json("""{"object":"list","data":[{"id":"a"},{"id":"b"}]}""");
        await using MlxProvider provider = Chat.Attach(server, o => o.Models["b"] = new ModelOptions { ContextWindow = 5 });
        IReadOnlyList<ModelDescriptor> models = await provider.DiscoverModelsAsync(Stop);
        models.Select(m => (m.Id, m.ContextWindow)).Should().Equal(("b", 5), ("a", null));
        server.Exchanges.Single().Path.Should().Be("/v1/models");
    }

    [Fact]
    public async Task Models_EmptyBody_IsAliveWithTheListUnknown()
    {
        await using RawServer server = RawServer.Json("");
        await using MlxProvider provider = Chat.Attach(server);
        (await provider.DiscoverModelsAsync(Stop)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("{\"models\":[]}")]
    public async Task Models_NotAList_IsInvalidResponse(string body)
    {
        await using RawServer server = RawServer.Json(body);
        await using MlxProvider provider = Chat.Attach(server);
        (await provider.Invoking(p => p.DiscoverModelsAsync(Stop).AsTask()).Should().ThrowAsync<ProviderException>()).Which.Kind.Should().Be(FailureKind.InvalidResponse);
    }
}
