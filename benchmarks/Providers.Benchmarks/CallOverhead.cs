using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Providers.Benchmarks;

/// <summary>One answer through each layer; the inner client alone is the baseline.</summary>
[MemoryDiagnoser]
public class CallOverhead
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "Capital of Norway?")];
    private InstantClient _inner = null!;
    private IChatClient _ordered = null!;
    private IChatClient _composite = null!;
    private ResiliencePipeline _polly = null!;
    private ServiceProvider _services = null!;

    [Params(1, 3)]
    public int Targets { get; set; }

    [Params(false, true)]
    public bool Async { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _inner = new InstantClient(Async);
        _ordered = new OrderedFailoverChatClient([.. Enumerable.Range(0, Targets).Select(_ => new InstantClient(Async))]);
        _services = Composites.Create(Targets, Async);
        _composite = _services.GetRequiredService<IChatClient>();
        _polly = new ResiliencePipelineBuilder()
            .AddTimeout(TimeSpan.FromMinutes(10))
            .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 2 })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions())
            .AddTimeout(TimeSpan.FromMinutes(5))
            .Build();
    }

    [GlobalCleanup]
    public void Cleanup() => _services.Dispose();

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> Direct() => _inner.GetResponseAsync(Messages);

    [Benchmark]
    public Task<ChatResponse> OrderedFailover() => _ordered.GetResponseAsync(Messages);

    [Benchmark]
    public ValueTask<ChatResponse> Polly() => _polly.ExecuteAsync(
        static (client, token) => new ValueTask<ChatResponse>(client.GetResponseAsync(Messages, null, token)), _inner);

    [Benchmark]
    public Task<ChatResponse> Composite() => _composite.GetResponseAsync(Messages);
}
