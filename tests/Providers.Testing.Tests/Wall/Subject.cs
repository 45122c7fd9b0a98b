using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Providers.Testing.Tests.Wall;

/// <summary>A subject of one function for chat and one for embeddings.</summary>
internal sealed class Subject(string name, Func<FaultWallSetup, IChatClient> chat, Func<FaultWallSetup, IEmbeddingGenerator<string, Embedding<float>>>? embeddings = null) : IFaultWallSubject
{
    public string Name => name;

    /// <summary>It knows the scenarios: asks the healthy target at once, and surfaces what has to surface.</summary>
    public static Subject Clairvoyant { get; } = new("clairvoyant", static s => new Streaming((index, _) => Foresee(s, index)), static s => s.Targets[s.Scenario.Id == "S30" ? 2 : 1].Provider!.EmbeddingGenerator!);

    public static Subject First { get; } = new("first target", static s => s.Targets[0].Provider!.ChatClient!, static s => s.Targets[0].Provider!.EmbeddingGenerator!);

    public static Subject Of(string name, Func<int, CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> stream) => new(name, _ => new Streaming(stream));

    public ValueTask<FaultWallClient> BuildAsync(FaultWallSetup setup, CancellationToken cancellationToken) =>
        new(new FaultWallClient(chat(setup), setup.Scenario.Embeds ? embeddings?.Invoke(setup) : null));

    private static IAsyncEnumerable<ChatResponseUpdate> Foresee(FaultWallSetup setup, int call)
    {
        // S13 has to surface; S15 has to come back.
        FaultWallTarget target = setup.Targets[setup.Scenario.Id == "S13" || (setup.Scenario.Id == "S15" && call > 12) ? 0 : setup.Targets.Count - 1];
        return target.Provider!.ChatClient!.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Fault wall: foreseen.")]);
    }

    private sealed class Streaming(Func<int, CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> stream) : IChatClient
    {
        private int _calls;

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            await stream(_calls++, cancellationToken).ToChatResponseAsync(cancellationToken);

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (ChatResponseUpdate update in stream(_calls++, cancellationToken))
            {
                yield return update;
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
