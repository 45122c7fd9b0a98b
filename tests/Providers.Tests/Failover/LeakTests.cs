using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Providers.Tests.Support;

namespace Providers.Tests.Failover;

/// <summary>After many requests nothing of them is left: no attempt, timer, registration, permit or answer.</summary>
[Collection(nameof(Alone))]
public sealed class LeakTests
{
    // Mutation testing runs every test over and over with each statement counted: eng/mutate asks for fewer.
    private static readonly int Requests = int.TryParse(Environment.GetEnvironmentVariable("LEAK_REQUESTS"), out int fewer) ? fewer : 1_000_000;

    [Fact]
    public async Task MillionRequests_LeaveNoGrowth()
    {
        ServiceCollection services = new();
        CountingClock clock = new();
        services.AddSingleton<TimeProvider>(clock);
        services.AddCompositeProvider(static b => b
            .AddChatClient("first", static _ => new QuietClient())
            .AddChatClient("second", static _ => new QuietClient())
            .Configure(static o => o.Health.Enabled = false));
        await using ServiceProvider provider = services.BuildServiceProvider();
        IChatClient chat = provider.GetRequiredService<IChatClient>();
        ChatMessage[] messages = [new(ChatRole.User, "hi")];
        using CancellationTokenSource caller = new();
        await RunAsync(chat, messages, 20_000, caller.Token);
        long before = Settled();
        int timers = clock.Live;
        await RunAsync(chat, messages, Requests, caller.Token);
        (Settled() - before).Should().BeLessThan(256 * 1024, "a million requests may not keep a quarter of a byte each");
        clock.Live.Should().BeLessThanOrEqualTo(timers + 64, "timers are reused or let go");
        provider.GetRequiredService<IProviderCatalog>().GetProviders().Should().OnlyContain(static p => p.InFlight == 0);
    }

    [Fact]
    public async Task AbandonedAttempts_AreForgotten()
    {
        FakeProvider first = new FakeProvider("first").Hangs(obeysToken: false);
        await using TestComposite composite = new([first, new FakeProvider("second")], static o => o.Timeouts.Attempt = TimeSpan.FromSeconds(1));
        WeakReference<object>[] kept = await AskAndForgetAsync(composite);
        Settled();
        kept.Count(static k => k.TryGetTarget(out _)).Should().BeLessThanOrEqualTo(1, "only the pool's newest call may still be in a register");
    }

    [Fact]
    public async Task Stream_NineHundredMoreUpdates_AllocateNoMore()
    {
        FakeProvider first = new("first");
        await using TestComposite composite = new([first]);
        long few = 0, many = 0;
        for (int round = 0; round < 5; round++) // the first rounds fill the pools and compile
        {
            few = await MeasureAsync(first, composite, 100);
            many = await MeasureAsync(first, composite, 1_000);
        }

        (many - few).Should().BeLessThan(900, "less than a byte for each further update");
    }

    private static async Task<long> MeasureAsync(FakeProvider provider, TestComposite composite, int updates)
    {
        ChatResponseUpdate[] sent = [.. Enumerable.Repeat(new ChatResponseUpdate(ChatRole.Assistant, "t "), updates), new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop }];
        provider.Stream = (_, _) => Reply.Of(sent);
        long before = GC.GetAllocatedBytesForCurrentThread();
        await foreach (ChatResponseUpdate update in composite.Stream())
        {
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference<object>[]> AskAndForgetAsync(TestComposite composite)
    {
        List<WeakReference<object>> kept = [];
        for (int i = 0; i < 10; i++)
        {
            ChatMessage message = new(ChatRole.User, $"secret {i}");
            kept.Add(new WeakReference<object>(message));
            Task<ChatResponse> task = composite.Chat.GetResponseAsync([message]);
            composite.Clock.Advance(TimeSpan.FromSeconds(1));
            await task;
        }

        foreach (ProviderStatus status in composite.Catalog.GetProviders())
        {
            status.InFlight.Should().Be(0);
        }

        FieldCleaner.Clear(composite);
        return [.. kept];
    }

    private static async Task RunAsync(IChatClient chat, ChatMessage[] messages, int count, CancellationToken token)
    {
        for (int i = 0; i < count; i++)
        {
            if (i % 10 == 0)
            {
                await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(messages, null, token))
                {
                    if (i % 20 == 0)
                    {
                        break;
                    }
                }
            }
            else
            {
                await chat.GetResponseAsync(messages, null, token);
            }
        }
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static class FieldCleaner
    {
        // The fakes remember what they were asked; that is the test's memory, not the composite's.
        public static void Clear(TestComposite composite)
        {
            foreach (IModelProvider provider in composite.Fakes)
            {
                ((FakeProvider)provider).Calls.Clear();
            }
        }
    }

    private sealed class QuietClient : IChatClient
    {
        private static readonly ChatMessage Answer = new(ChatRole.Assistant, "ok");

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            if (Random.Shared.Next(20) == 0)
            {
                await Task.Yield();
            }

            return new ChatResponse(Answer) { FinishReason = ChatFinishReason.Stop };
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, "o");
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, "k") { FinishReason = ChatFinishReason.Stop };
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
