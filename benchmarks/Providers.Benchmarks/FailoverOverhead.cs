using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.Benchmarks;

/// <summary>What it costs to pass over a target whose circuit is open.</summary>
[MemoryDiagnoser]
public class FailoverOverhead
{
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "Capital of Norway?")];
    private IChatClient _closed = null!;
    private IChatClient _open = null!;
    private ServiceProvider _first = null!;
    private ServiceProvider _second = null!;

    [GlobalSetup]
    public void Setup()
    {
        _first = Composites.Create(3, yields: false);
        _second = Composites.Create(3, yields: false);
        _closed = _first.GetRequiredService<IChatClient>();
        _open = _second.GetRequiredService<IChatClient>();
        _second.GetRequiredService<IProviderCatalog>().Isolate("p0");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _first.Dispose();
        _second.Dispose();
    }

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> FirstTarget() => _closed.GetResponseAsync(Messages);

    [Benchmark]
    public Task<ChatResponse> SecondTargetFirstOpen() => _open.GetResponseAsync(Messages);
}
