using Microsoft.Extensions.AI;

namespace Providers.Mcp.Sampling;

/// <summary>The client's own model as one more provider.</summary>
internal sealed class SamplingProvider(string name) : IModelProvider
{
    public ProviderDescriptor Descriptor { get; } = new(name, "McpSampling");

    public IChatClient? ChatClient { get; } = new SamplingChatClient(name);

    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator => null;

    public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default) =>
        new(new ProviderHealthReport(ProviderHealth.Unknown, "The model of an MCP client; it is there while a client calls."));

    public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new(Descriptor.Models);

    public ProviderFailure Classify(Exception exception) => exception switch
    {
        ProviderException known => known.Failure,
        OperationCanceledException or TimeoutException => new ProviderFailure(FailureKind.TimedOut, "The MCP client did not answer in time."),
        ModelContextProtocol.McpException => new ProviderFailure(FailureKind.Transient, "The MCP client refused or failed to sample."),
        IOException => new ProviderFailure(FailureKind.ConnectionLost, "The MCP client has gone."),
        _ => new ProviderFailure(FailureKind.Unknown, $"Sampling failed with {exception.GetType().Name}."),
    };
}
