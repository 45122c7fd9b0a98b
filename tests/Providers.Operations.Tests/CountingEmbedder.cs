using System.Collections.Concurrent;

namespace Providers.Operations.Tests;

/// <summary>A model in process, shared by several hosts, that takes its time and remembers how often each text came. Safe for concurrent use.</summary>
internal sealed class CountingEmbedder : IModelProvider, IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>What a model takes for a text: without it there would be nothing to compare a cache with.</summary>
    public static readonly TimeSpan Work = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public ProviderDescriptor Descriptor { get; } = new("embedder", "Counting")
    {
        Models = [new ModelDescriptor("m") { Capabilities = ModelCapabilities.Embeddings, EmbeddingDimensions = 3, VectorSpace = "counting" }],
    };

    /// <summary>Gets or sets what every vector begins with: another edition of the model gives others.</summary>
    public float Edition { get; set; } = 1;

    public ProviderHealth Health { get; set; } = ProviderHealth.Healthy;

    public IChatClient? ChatClient => null;

    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator => this;

    public int CountOf(string text) => _counts.GetValueOrDefault(text);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        await Task.Delay(Work, cancellationToken);
        return [.. values.Select(text =>
        {
            _counts.AddOrUpdate(text, 1, static (_, n) => n + 1);
            return new Embedding<float>(new[] { Edition, text.Length, 1f });
        })];
    }

    public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default) => new(new ProviderHealthReport(Health, "on cue"));

    public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new(Descriptor.Models);

    public ProviderFailure Classify(Exception exception) => new(FailureKind.Unknown, exception.Message);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
