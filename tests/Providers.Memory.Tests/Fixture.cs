using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace Providers.Memory.Tests;

/// <summary>A service over a store in memory, with a clock of its own.</summary>
internal sealed class Fixture
{
    public static readonly MemoryScope Scope = new("acme");

    public Fixture(Action<MemoryOptions>? configure = null, IEmbeddingGenerator<string, Embedding<float>>? generator = null, MemoryParts? parts = null, IMemoryStore? store = null)
    {
        MemoryOptions options = new();
        configure?.Invoke(options);
        Store = store ?? new InMemoryStore(Options.Create(options.Limits), Clock);
        Memory = new MemoryService(Store, generator ?? new LexicalEmbeddingGenerator(), Options.Create(options), parts, Clock);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public IMemoryStore Store { get; }

    public MemoryService Memory { get; }

    public async Task<MemoryReceipt> StoreAsync(string text, string id = "", string? source = null, double trust = 0.5) =>
        await Memory.StoreAsync(Scope, new MemoryRecord { Id = id, Text = text, Provenance = source is null ? null : new MemoryProvenance { Source = source, Trust = trust } });

    public async Task<string[]> FindAsync(string text, MemoryScope? scope = null) =>
        [.. (await Memory.SearchAsync(scope ?? Scope, new MemoryQuery { Text = text })).Select(static m => m.Record.Id)];
}

/// <summary>Embeds by a table of words, in a space of its own name: the same word, another vector in each space.</summary>
internal sealed class NamedSpace(string space, int dimensions) : IEmbeddingGenerator<string, Embedding<float>>
{
    public int Texts { get; private set; }

    public Action? OnCall { get; init; }

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        OnCall?.Invoke();
        string[] texts = [.. values];
        Texts += texts.Length;
        return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(texts.Select(t => new Embedding<float>(Embed(t)) { ModelId = space })));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private float[] Embed(string text)
    {
        float[] vector = new float[dimensions];
        foreach (string word in Words.Of(text))
        {
            int hash = space.Length;
            foreach (char c in word)
            {
                hash = unchecked((hash * 31) + c);
            }

            vector[(hash & int.MaxValue) % dimensions] += 1;
        }

        return vector;
    }
}
