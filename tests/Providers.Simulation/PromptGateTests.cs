namespace Providers.Simulation;

/// <summary>Gates G3 and G5: nothing outlives its deadline or its caller, and a failover costs the failure's own time and no tick more.</summary>
public sealed class PromptGateTests(ITestOutputHelper output)
{
    [Fact]
    public async Task G3_CallerLeaves_EverythingEndsInThatTick()
    {
        int requests = 0;
        foreach (int seed in Seeds.All.Take(40))
        {
            Random random = new(seed);
            await using Run run = new(seed, static _ => [Weather.Always(Condition.Silent), Weather.Always(Condition.Frozen), Weather.Always(Condition.Silent)]);
            for (int i = 0; i < 25; i++, requests++)
            {
                using CancellationTokenSource caller = new();
                Task task = random.Next(2) == 0 ? AskAsync(run.Chat, caller.Token) : ReadAsync(run.Chat, caller.Token);
                run.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(30_000)));
                if (!task.IsCompleted)
                {
                    caller.Cancel();
                    task.IsCanceled.Should().BeTrue("seed {0}, request {1}: the caller has left", seed, i);
                }

                run.Targets.Sum(static t => t.Forgotten).Should().Be(0, "seed {0}, request {1}: every attempt was told in that tick", seed, i);
                run.Catalog.GetProviders().Should().OnlyContain(static p => p.InFlight == 0, "seed {0}, request {1}", seed, i);
            }
        }

        output.WriteLine($"{requests} requests, left at random moments: 0 ticks late, 0 attempts forgotten");
    }

    [Fact]
    public async Task G3_EverybodyHangs_EndsInTheTickOfTheDeadline()
    {
        foreach (int seed in Seeds.All.Take(40))
        {
            await using Run run = new(
                seed, static _ => [Weather.Always(Condition.Silent), Weather.Always(Condition.Silent)],
                static o => (o.Timeouts.Attempt, o.Timeouts.FirstContent) = (TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
            run.Send(TimeSpan.FromSeconds(10), 3);
            run.Settle();
            run.Outcomes.Should().OnlyContain(static o => o.Ended - o.Started == Run.Deadline && ((ProviderException)o.Error!).Kind == FailureKind.TimedOut, "seed {0}", seed);
            run.Targets.Sum(static t => t.Forgotten).Should().Be(0, "seed {0}", seed);
        }
    }

    [Theory]
    [InlineData(nameof(Condition.Refusing), false, 0)]
    [InlineData(nameof(Condition.Refusing), true, 0)]
    [InlineData(nameof(Condition.Overloaded), false, 0)]
    [InlineData(nameof(Condition.Limited), true, 0)]
    [InlineData(nameof(Condition.Silent), false, 10)]
    [InlineData(nameof(Condition.Silent), true, 8)]
    public async Task G5_PrimaryFails_TheSecondIsAskedInTheSameTick(string outage, bool streamed, int seconds)
    {
        await using Run run = new(1, _ => [Weather.Always(Enum.Parse<Condition>(outage)), Weather.Always(Condition.Fair)], static o => o.Health.Enabled = false);
        Task task = streamed ? ReadAsync(run.Chat, default) : AskAsync(run.Chat, default);
        run.Clock.Advance(TimeSpan.FromSeconds(12));
        task.IsCompletedSuccessfully.Should().BeTrue();
        (run.Targets[1].Began.Single() - run.Targets[0].Began.Single()).Should().Be(TimeSpan.FromSeconds(seconds), "no tick is lost beside the primary's own time");
    }

    private static async Task AskAsync(IChatClient chat, CancellationToken token) => await chat.GetResponseAsync("hello", cancellationToken: token);

    private static async Task ReadAsync(IChatClient chat, CancellationToken token)
    {
        await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync("hello", cancellationToken: token))
        {
        }
    }
}
