using System.ClientModel;
using System.ClientModel.Primitives;
using OllamaSharp;
using OpenAI;

namespace Providers.FaultWall.Tests;

/// <summary>Microsoft's ordered failover over the bare SDK clients, or the first of them alone; no knob of theirs is left out that fits.</summary>
internal sealed class OrderedSubject(bool failover) : IFaultWallSubject
{
    public string Name => failover ? "OrderedFailoverChatClient over the SDK clients" : "the bare SDK client";

    public ValueTask<FaultWallClient> BuildAsync(FaultWallSetup setup, CancellationToken cancellationToken)
    {
        IChatClient[] clients = [.. setup.Targets.Select(t => Client(t, setup.Needs))];
        IEmbeddingGenerator<string, Embedding<float>> embeddings = Generator(setup.Targets[0]);
        return new(new FaultWallClient(failover ? new OrderedFailoverChatClient(clients) : clients[0], embeddings));
    }

    private static IChatClient Client(FaultWallTarget target, FaultWallNeeds needs) => target.Wire switch
    {
        FaultWallWire.InProcess => target.Provider!.ChatClient!,
        FaultWallWire.Ollama => Ollama(target, needs),
        _ => OpenAI(target, needs).GetChatClient(target.Model).AsIChatClient(),
    };

    private static IEmbeddingGenerator<string, Embedding<float>> Generator(FaultWallTarget target) => target.Wire switch
    {
        FaultWallWire.InProcess => target.Provider!.EmbeddingGenerator!,
        FaultWallWire.Ollama => Ollama(target, new FaultWallNeeds()),
        _ => OpenAI(target, new FaultWallNeeds()).GetEmbeddingClient(target.Model).AsIEmbeddingGenerator(),
    };

    private static OllamaApiClient Ollama(FaultWallTarget target, FaultWallNeeds needs) =>
        new(new HttpClient { BaseAddress = target.Endpoint, Timeout = needs.LoadTimeout ?? needs.FirstContentTimeout }, target.Model);

    private static OpenAIClient OpenAI(FaultWallTarget target, FaultWallNeeds needs) => new(
        new ApiKeyCredential(target.ApiKeys is [var key, ..] ? key : "none"),
        new OpenAIClientOptions
        {
            Endpoint = new Uri(target.Endpoint!, "v1"),
            NetworkTimeout = needs.LoadTimeout ?? needs.FirstContentTimeout,
            RetryPolicy = new ClientRetryPolicy(0),
        });
}
