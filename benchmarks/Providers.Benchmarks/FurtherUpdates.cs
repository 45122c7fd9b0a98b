using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Providers.Benchmarks;

/// <summary>What each further update of a stream allocates, a stream's own cost left out: the difference between streams of 1,100 and of 100 updates.</summary>
internal static class FurtherUpdates
{
    private const int Few = 100, Many = 1_100, Streams = 200;
    private static readonly ChatMessage[] Messages = [new(ChatRole.User, "Capital of Norway?")];

    /// <returns>Bytes an update, beyond those of the inner client alone.</returns>
    public static async Task<double> AddedBytesAsync(bool yields)
    {
        using ServiceProvider few = Composites.Create(1, yields, updates: Few);
        using ServiceProvider many = Composites.Create(1, yields, updates: Many);
        double ours = await MeasureAsync(many.GetRequiredService<IChatClient>()) - await MeasureAsync(few.GetRequiredService<IChatClient>());
        double direct = await MeasureAsync(new InstantClient(yields, Many)) - await MeasureAsync(new InstantClient(yields, Few));
        return (ours - direct) / (Many - Few);
    }

    private static async Task<double> MeasureAsync(IChatClient client)
    {
        await ReadAsync(client); // fills the pools and compiles
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await ReadAsync(client);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Streams;
    }

    private static async Task ReadAsync(IChatClient client)
    {
        for (int i = 0; i < Streams; i++)
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Messages))
            {
            }
        }
    }
}
