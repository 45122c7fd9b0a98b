using System.Runtime.CompilerServices;

namespace Providers.Operations.Tests;

/// <summary>A provider in process that does what a test says, and reports usage.</summary>
internal sealed class CueProvider(string name) : IModelProvider, IChatClient
{
    public ProviderDescriptor Descriptor { get; } = new(name, "Cue")
    {
        Models = [new ModelDescriptor("m") { Capabilities = ModelCapabilities.Chat | ModelCapabilities.Streaming, InputPrice = 1, OutputPrice = 2 }],
    };

    public FailureKind? Fails { get; set; }

    public bool BreaksStreams { get; set; }

    public TimeSpan FirstChunkAfter { get; set; }

    public Task? WholeAnswerWaits { get; set; }

    public ProviderHealth Health { get; set; } = ProviderHealth.Healthy;

    public IChatClient? ChatClient => this;

    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator => null;

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Throw();
        if (WholeAnswerWaits is { } wait)
        {
            await wait.WaitAsync(cancellationToken);
        }

        return new ChatResponse(new ChatMessage(ChatRole.Assistant, "ok")) { FinishReason = ChatFinishReason.Stop, Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 20 } };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Throw();
        await Task.Delay(FirstChunkAfter + TimeSpan.FromMilliseconds(1), cancellationToken);
        yield return new ChatResponseUpdate(ChatRole.Assistant, "one ");
        yield return new ChatResponseUpdate(ChatRole.Assistant, "two");
        if (BreaksStreams)
        {
            throw new IOException("cut");
        }

        yield return new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop };
    }

    public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default) => new(new ProviderHealthReport(Health, "on cue"));

    public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new(Descriptor.Models);

    public ProviderFailure Classify(Exception exception) => exception is ProviderException known ? known.Failure : new ProviderFailure(FailureKind.ConnectionLost, exception.Message);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private void Throw()
    {
        if (Fails is { } kind)
        {
            throw new ProviderException(new ProviderFailure(kind, "on cue") { RetryAfter = kind is FailureKind.RateLimited ? TimeSpan.FromMilliseconds(20) : null }, Descriptor.Name);
        }
    }
}
