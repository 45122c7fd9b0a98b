using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Providers.Simulation;

/// <summary>One simulated stretch of traffic over targets in changing weather; one thread, virtual time, one seed.</summary>
internal sealed class Run : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly ServiceProvider _services;
    private readonly IChatClient _chat;
    private readonly Random _random;
    private readonly DateTimeOffset _start;

    public Run(int seed, Func<Random, Weather[]> weathers, Action<CompositeOptions>? configure = null)
    {
        _random = new Random(seed);
        _start = Clock.GetUtcNow();
        Targets = [.. weathers(_random).Select((w, i) => new SimulatedTarget($"t{i}", w, Clock, new Random(HashCode(seed, i)), Log))];
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddCompositeProvider(builder =>
        {
            foreach (SimulatedTarget target in Targets)
            {
                builder.AddProvider(target.Descriptor.Name, _ => target);
            }

            builder.UseSeed((ulong)seed).Configure(options =>
            {
                options.Timeouts.Total = Deadline;
                options.Timeouts.Attempt = TimeSpan.FromSeconds(10);
                options.Timeouts.FirstContent = TimeSpan.FromSeconds(8);
                options.Timeouts.Gap = TimeSpan.FromSeconds(5);
                configure?.Invoke(options);
            });
        });
        _services = services.BuildServiceProvider();
        _chat = _services.GetRequiredService<IChatClient>();
        foreach (IHostedService service in _services.GetServices<IHostedService>())
        {
            service.StartAsync(default).GetAwaiter().GetResult();
        }
    }

    public VirtualClock Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public EventLog Log { get; } = new();

    public SimulatedTarget[] Targets { get; }

    public List<Outcome> Outcomes { get; } = [];

    public IChatClient Chat => _chat;

    public IProviderCatalog Catalog => _services.GetRequiredService<IProviderCatalog>();

    public TimeSpan Elapsed => Clock.GetUtcNow() - _start;

    public int Attempts => Targets.Sum(static t => t.Attempts);

    /// <summary>Sends traffic for a while, at random moments, whole answers and streams mixed.</summary>
    public void Send(TimeSpan length, double perSecond, double streams = 0.5)
    {
        TimeSpan end = Elapsed + length;
        while (Elapsed < end)
        {
            _ = _random.NextDouble() < streams ? StreamAsync() : AskAsync();
            double pause = -Math.Log(1 - _random.NextDouble()) / perSecond;
            Clock.Advance(TimeSpan.FromSeconds(Math.Min(pause, 10)));
        }
    }

    /// <summary>Lets everything under way come to its end; nothing may outlive its deadline.</summary>
    public void Settle()
    {
        for (int i = 0; i < 70 && Outcomes.Exists(static o => !o.IsDone); i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();

    private async Task AskAsync()
    {
        Outcome outcome = Begin();
        try
        {
            ChatResponse response = await _chat.GetResponseAsync("hello");
            outcome.Text = response.Text;
            outcome.Attempts = response.GetAttempts();
        }
        catch (Exception e)
        {
            outcome.Error = e;
        }

        End(outcome);
    }

    private async Task StreamAsync()
    {
        Outcome outcome = Begin();
        outcome.Streamed = true;
        try
        {
            await foreach (ChatResponseUpdate update in _chat.GetStreamingResponseAsync("hello"))
            {
                outcome.Text += update.Text;
                if (update.AdditionalProperties?.TryGetValue(ResponseAnnotations.Attempts, out int attempts) is true)
                {
                    outcome.Attempts = attempts;
                }
            }
        }
        catch (Exception e)
        {
            outcome.Error = e;
        }

        End(outcome);
    }

    private Outcome Begin()
    {
        Outcome outcome = new(Elapsed);
        Outcomes.Add(outcome);
        return outcome;
    }

    private void End(Outcome outcome)
    {
        outcome.Ended = Elapsed;
        Log.Add($"{outcome.Started.Ticks} {Elapsed.Ticks} {outcome.Text} {outcome.Error?.GetType().Name}");
    }

    // System.HashCode differs from process to process; a seed must not.
    private static int HashCode(int seed, int index) => unchecked((seed * 486_187_739) + (index * 16_777_619) + 7);
}
