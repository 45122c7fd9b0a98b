using System.Runtime.CompilerServices;

namespace Providers.Simulation;

/// <summary>A model server on virtual time whose behaviour is the weather's.</summary>
internal sealed class SimulatedTarget(string name, Weather weather, TimeProvider clock, Random random, EventLog log) : IModelProvider, IChatClient
{
    public const int Tokens = 20;
    private readonly DateTimeOffset _start = clock.GetUtcNow();

    /// <summary>Gets when each attempt began, since the run's start.</summary>
    public List<TimeSpan> Began { get; } = [];

    public int Attempts => Began.Count;

    /// <summary>Gets the number of attempts that hang and were not told to end.</summary>
    public int Forgotten { get; private set; }

    public int Probes { get; private set; }

    public ProviderDescriptor Descriptor { get; } = new(name, "Simulated");

    public IChatClient? ChatClient => this;

    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator => null;

    public Condition Now => weather.At(clock.GetUtcNow() - _start);

    public static string Token(int index) => $"t{index:00} ";

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        await BeginAsync(cancellationToken);
        await Task.Delay(TimeSpan.FromMilliseconds(50 + random.Next(400)), clock, cancellationToken);
        if (Now is Condition.Cutting)
        {
            throw new IOException("cut");
        }

        return new ChatResponse(new ChatMessage(ChatRole.Assistant, string.Concat(Enumerable.Range(0, Tokens).Select(Token)))) { FinishReason = ChatFinishReason.Stop };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await BeginAsync(cancellationToken);
        yield return new ChatResponseUpdate { Role = ChatRole.Assistant };
        int from = messages.Last().Role == ChatRole.Assistant ? messages.Last().Text.Length / Token(0).Length : 0;
        int cut = Now is Condition.Cutting ? random.Next(Tokens) : int.MaxValue;
        for (int i = from; i < Tokens; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10 + random.Next(40)), clock, cancellationToken);
            if (i >= cut)
            {
                if (random.Next(2) == 0)
                {
                    throw new IOException("cut");
                }

                yield break; // a clean end without a finish reason
            }

            if (Now is Condition.Frozen)
            {
                await HangAsync(random.Next(2) == 0, cancellationToken);
            }

            yield return new ChatResponseUpdate(ChatRole.Assistant, Token(i));
        }

        yield return new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop };
    }

    public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default)
    {
        Probes++;
        return new(new ProviderHealthReport(Now is Condition.Refusing ? ProviderHealth.Unhealthy : ProviderHealth.Healthy));
    }

    public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new(Descriptor.Models);

    public ProviderFailure Classify(Exception exception) => exception is ProviderException known ? known.Failure
        : exception is IOException ? new(FailureKind.ConnectionLost, exception.Message)
        : new(FailureKind.TimedOut, exception.Message);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private async Task BeginAsync(CancellationToken token)
    {
        Began.Add(clock.GetUtcNow() - _start);
        Condition condition = Now;
        log.Add($"{(clock.GetUtcNow() - _start).Ticks} {name} {condition}");
        switch (condition)
        {
            case Condition.Refusing:
                throw new IOException("refused");
            case Condition.HalfFailing when random.Next(2) == 0:
                throw Failed(FailureKind.Transient);
            case Condition.Overloaded:
                throw Failed(FailureKind.Overloaded);
            case Condition.Limited:
                throw new ProviderException(new ProviderFailure(FailureKind.RateLimited, "limit") { RetryAfter = TimeSpan.FromSeconds(1 + random.Next(5)) }, name);
            case Condition.Silent:
                await HangAsync(random.Next(2) == 0, token);
                break;
            default:
                break;
        }
    }

    private ProviderException Failed(FailureKind kind) => new(new ProviderFailure(kind, "on cue"), name);

    // Some clients end when they are told to, some only hear it.
    private Task HangAsync(bool obeys, CancellationToken token)
    {
        TaskCompletionSource never = new();
        Forgotten++;
        token.Register(() =>
        {
            Forgotten--;
            if (obeys)
            {
                never.TrySetCanceled(token);
            }
        });
        return never.Task;
    }
}
