using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Providers.Benchmarks;

/// <summary>A client whose own cost is next to nothing: what is measured beside it is the layer above.</summary>
internal sealed class InstantClient(bool yields, int updates = 100) : IChatClient
{
    private static readonly ChatMessage Answer = new(ChatRole.Assistant, "Oslo.");
    private readonly ChatResponseUpdate[] _updates =
    [
        .. Enumerable.Range(0, updates - 1).Select(static i => new ChatResponseUpdate(ChatRole.Assistant, $"t{i:00} ")),
        new ChatResponseUpdate(ChatRole.Assistant, "end") { FinishReason = ChatFinishReason.Stop },
    ];

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        yields ? LaterAsync() : Task.FromResult(new ChatResponse(Answer) { FinishReason = ChatFinishReason.Stop });

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (ChatResponseUpdate update in _updates)
        {
            if (yields)
            {
                await Task.Yield();
            }

            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private static async Task<ChatResponse> LaterAsync()
    {
        await Task.Yield();
        return new ChatResponse(Answer) { FinishReason = ChatFinishReason.Stop };
    }
}
