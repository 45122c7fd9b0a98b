using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.Benchmarks;

/// <summary>A stream of 100 updates through each layer; figures are per update.</summary>
[MemoryDiagnoser]
public class StreamOverhead
{
    private const int Updates = 100;
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "Capital of Norway?")];
    private InstantClient _inner = null!;
    private IChatClient _ordered = null!;
    private IChatClient _composite = null!;
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
    }

    [GlobalCleanup]
    public void Cleanup() => _services.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Updates)]
    public Task<int> Direct() => ReadAsync(_inner);

    [Benchmark(OperationsPerInvoke = Updates)]
    public Task<int> OrderedFailover() => ReadAsync(_ordered);

    [Benchmark(OperationsPerInvoke = Updates)]
    public Task<int> Composite() => ReadAsync(_composite);

    private static async Task<int> ReadAsync(IChatClient client)
    {
        int count = 0;
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Messages))
        {
            count++;
        }

        return count == Updates ? count : throw new InvalidOperationException($"{count} updates came; {Updates} were sent.");
    }
}
