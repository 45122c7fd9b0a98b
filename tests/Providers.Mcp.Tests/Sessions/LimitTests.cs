using Providers.Mcp.Calls;
using Providers.Mcp.Tests.Support;

namespace Providers.Mcp.Tests.Sessions;

/// <summary>How much a session may do.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Calls_BeyondTheMinute_AreToldWhenToComeBack()
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 26, 10, 0, 0, TimeSpan.Zero));
        await using PipeSession session = await PipeSession.StartAsync(new Host
        {
            Clock = clock,
            Door = static o =>
            {
                o.CallsPerMinute = 6;
                o.Burst = 2;
            },
        });
        await session.Client.GoodAsync("memory_stats");
        await session.Client.GoodAsync("memory_stats");
        CallToolResult third = await session.Client.CallAsync("memory_stats");
        (third.CodeOf(), third.RetryOf()).Should().Be(("rate_limited", 10));
        third.TextOf().Should().Be("This session may make 6 calls a minute, 32 at a time; try again in 10 s.");
        clock.Advance(TimeSpan.FromSeconds(10));
        await session.Client.GoodAsync("memory_stats");
    }

    [Fact]
    public async Task Calls_TooManyAtOnce_AreRefusedAndThePlaceComesBack()
    {
        const string stats = "method\":\"tools/call\",\"params\":{\"name\":\"memory_stats\",\"arguments\":{}}}";
        await using RawSession session = await RawSession.StartAsync(new Host { Door = static o => o.MaxConcurrentCalls = 1 });
        session.Host.Switch.Held = true;
        await session.SendAsync($"{{\"jsonrpc\":\"2.0\",\"id\":5,\"{stats}");
        await session.Host.Switch.Entered.Task.WaitAsync(TimeSpan.FromMinutes(1));
        session.Host.Switch.Held = false;
        async Task<bool> Refused(int id) => (await session.AskAsync($"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"{stats}", id))[^1].GetProperty("result").TryGetProperty("isError", out _);
        (await Refused(6)).Should().BeTrue();
        await session.SendAsync("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}""");
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        for (int id = 7; await Refused(id); id++)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task Arguments_TooLargeOrTooDeep_AreRefusedWithTheNumbers()
    {
        await using PipeSession session = await PipeSession.StartAsync(new Host
        {
            Door = static o =>
            {
                o.MaxArgumentBytes = 2_000;
                o.MaxArgumentDepth = 5;
            },
        });
        CallToolResult large = await session.Client.CallAsync("memory_store", $$"""{"text":"{{new string('x', 3_000)}}"}""");
        large.CodeOf().Should().Be("invalid_input");
        large.TextOf().Should().Be("arguments: have 3012 bytes; at most 2000 are allowed. Send them in several calls.");
        CallToolResult deep = await session.Client.CallAsync("memory_store", """{"text":"[[[[{{\"","metadata":{"a":[[[[{}]]]]}}""");
        deep.TextOf().Should().Be("arguments: are nested 7 deep; at most 5 is allowed.");
    }

    [Theory]
    [InlineData("""{"text":"x","text":""}""", "text: has 0 bytes of UTF-8; 1 to 65,536 are allowed.")]
    [InlineData("""{"text":"x","metadata":{"k":"\u0000"}}""", "metadata: has the character U+0000; it cannot be stored.")]
    public async Task Arguments_NoClientOfTheSdkWouldSend_AreRefusedAllTheSame(string arguments, string message)
    {
        await using RawSession session = await RawSession.StartAsync();
        JsonElement answer = (await session.AskAsync($$$"""{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"memory_store","arguments":{{{arguments}}}}}""", 5))[^1].GetProperty("result");
        answer.GetProperty("isError").GetBoolean().Should().BeTrue();
        answer.GetProperty("content")[0].GetProperty("text").GetString().Should().Be(message);
    }

    [Fact]
    public void Gates_ForgetIdleSessions_AndNeverGrowBeyondTheirBound()
    {
        FakeTimeProvider clock = new();
        McpDoorOptions options = new() { CallsPerMinute = 60, Burst = 1 };
        SessionGates gates = new(Microsoft.Extensions.Options.Options.Create(options), clock);
        for (int i = 0; i < SessionGates.Most; i++)
        {
            gates.Of($"s{i}").TryEnter().Should().Be(TimeSpan.Zero);
            gates.Of($"s{i}").Leave();
        }

        SessionGate shared = gates.Of("late");
        gates.Of("later").Should().BeSameAs(shared, "nobody is idle yet");
        clock.Advance(TimeSpan.FromSeconds(2));
        gates.Of("new").Should().NotBeSameAs(shared);
        gates.Of("new").Should().BeSameAs(gates.Of("new"));
    }

    [Fact]
    public void Gate_AnySequence_NeverAdmitsMoreThanBurstAndTime()
    {
        FakeTimeProvider clock = new();
        Random random = new(11);
        SessionGate gate = new(new McpDoorOptions { CallsPerMinute = 120, Burst = 5, MaxConcurrentCalls = 3 }, clock);
        int admitted = 0, underWay = 0;
        DateTimeOffset start = clock.GetUtcNow();
        for (int i = 0; i < 5_000; i++)
        {
            if (underWay > 0 && random.Next(2) == 0)
            {
                gate.Leave();
                underWay--;
            }

            if (gate.TryEnter() == TimeSpan.Zero)
            {
                admitted++;
                underWay++;
            }

            clock.Advance(TimeSpan.FromMilliseconds(random.Next(400)));
            underWay.Should().BeLessThanOrEqualTo(3);
            admitted.Should().BeLessThanOrEqualTo(6 + (int)((clock.GetUtcNow() - start).TotalSeconds * 2));
        }
    }
}
