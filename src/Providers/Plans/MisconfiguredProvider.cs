using Microsoft.Extensions.AI;

namespace Providers.Plans;

/// <summary>Stands for a provider whose configuration has errors while the rest is checked; never serves.</summary>
internal sealed class MisconfiguredProvider(string name, string kind) : IModelProvider
{
    public ProviderDescriptor Descriptor { get; } = new(name, kind);

    public IChatClient? ChatClient => null;

    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator => null;

    public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default) => new(new ProviderHealthReport(ProviderHealth.Unhealthy));

    public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new(Descriptor.Models);

    public ProviderFailure Classify(Exception exception) => new(FailureKind.Unknown, exception.Message);
}
