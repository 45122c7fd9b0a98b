using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.Benchmarks;

/// <summary>A whole call under each selection policy, at few and many targets.</summary>
[MemoryDiagnoser]
public class SelectionOverhead
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "Capital of Norway?")];
    private IChatClient _composite = null!;
    private ServiceProvider _services = null!;

    [Params(3, 10, 100)]
    public int Targets { get; set; }

    [Params(SelectionPolicy.Priority, SelectionPolicy.Weighted, SelectionPolicy.LeastPending, SelectionPolicy.LeastLatency)]
    public SelectionPolicy Policy { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _services = Composites.Create(Targets, yields: false, Policy);
        _composite = _services.GetRequiredService<IChatClient>();
    }

    [GlobalCleanup]
    public void Cleanup() => _services.Dispose();

    [Benchmark]
    public Task<ChatResponse> Call() => _composite.GetResponseAsync(Messages);
}
