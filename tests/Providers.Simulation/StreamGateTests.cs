using Microsoft.Extensions.DependencyInjection;

namespace Providers.Simulation;

/// <summary>Gate G4: whatever breaks a stream, and wherever, no token is doubled, lost or moved. SIM_STREAMS sets how many are cut.</summary>
public sealed class StreamGateTests(ITestOutputHelper output)
{
    private static readonly int Streams = Environment.GetEnvironmentVariable("SIM_STREAMS") is { Length: > 0 } many ? int.Parse(many, System.Globalization.CultureInfo.InvariantCulture) : 60_000;

    [Theory]
    [InlineData(nameof(StreamRecovery.Fail))]
    [InlineData(nameof(StreamRecovery.Continue))]
    public async Task G4_StreamsCutAtEveryIndex_NoTokenIsDoubledLostOrMoved(string policy)
    {
        StreamRecovery recovery = Enum.Parse<StreamRecovery>(policy);
        CutTarget first = new("first", cuts: true), second = new("second", cuts: false);
        await using ServiceProvider services = Services(first, second, recovery);
        IChatClient chat = services.GetRequiredService<IChatClient>();
        int[] seenAt = new int[41];
        long tokens = 0;
        for (int seed = 0; seed < Streams; seed++)
        {
            CutPlan plan = CutPlan.From(new Random(seed), seed);
            (first.Plan, second.Plan) = (plan, plan);
            int asked = second.Asked;
            (string text, int usages, long total, Exception? error) = await ReadAsync(chat);
            bool rescued = plan.Cut == 0 || recovery is StreamRecovery.Continue;
            string expected = plan.Text(0, rescued ? plan.Length : plan.Cut);
            if (text != expected || (error is null) != rescued || (second.Asked > asked) != rescued || (rescued && (usages != 1 || total != plan.Length)))
            {
                Assert.Fail($"seed {seed}, {plan}: got \"{text}\", {usages} usages of {total}, the second asked {second.Asked - asked} times, {error?.Message ?? "no error"}");
            }

            if (!rescued && error is not ProviderException { OutputCommitted: true })
            {
                Assert.Fail($"seed {seed}, {plan}: {error}");
            }

            seenAt[plan.Cut]++;
            tokens += plan.Length;
        }

        output.WriteLine($"{Streams} streams of {tokens} tokens, cut at {seenAt.Count(static n => n > 0)} indices");
        seenAt.Should().OnlyContain(static n => n > 0, "every index was cut");
    }

    private static async Task<(string Text, int Usages, long Total, Exception? Error)> ReadAsync(IChatClient chat)
    {
        System.Text.StringBuilder text = new();
        int usages = 0;
        long total = 0;
        try
        {
            await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync("hello"))
            {
                text.Append(update.Text);
                foreach (UsageContent usage in update.Contents.OfType<UsageContent>())
                {
                    usages++;
                    total += usage.Details.TotalTokenCount ?? 0;
                }
            }
        }
        catch (Exception e)
        {
            return (text.ToString(), usages, total, e);
        }

        return (text.ToString(), usages, total, null);
    }

    private static ServiceProvider Services(CutTarget first, CutTarget second, StreamRecovery recovery)
    {
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(new VirtualClock(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        services.AddCompositeProvider(builder => builder
            .AddProvider("first", _ => first)
            .AddProvider("second", _ => second)
            .Configure(options =>
            {
                options.Health.Enabled = false;
                options.Streams.Recovery = recovery;
                options.Failures[FailureKind.ConnectionLost] = new FailureRule { Trips = false }; // the one that cuts goes on being asked
                options.Failures[FailureKind.Transient] = new FailureRule { Trips = false };
            }));
        return services.BuildServiceProvider();
    }
}
