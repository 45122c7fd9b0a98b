using Providers.Conformance;
using Providers.VectorData;

namespace Providers.Memory.VectorData.Tests;

/// <summary>The suite of every store, over the collections of Providers.VectorData with text keys.</summary>
public sealed class VectorDataConformanceTests : StoreConformance, IDisposable
{
    private readonly ProvidersVectorStore _vectors = new();

    protected override bool IsDurable => true;

    protected override int IsolationOperations => 20_000;

    public void Dispose() => _vectors.Dispose();

    protected override ValueTask<IMemoryStore> OpenAsync(TimeProvider clock) => new(new VectorDataMemoryStore(_vectors, null, null, clock));

    protected override async ValueTask CloseAsync(IMemoryStore store) => await ((VectorDataMemoryStore)store).DisposeAsync();
}

/// <summary>The same with GUIDs for keys, as Qdrant wants them.</summary>
public sealed class GuidKeyConformanceTests : StoreConformance, IDisposable
{
    private readonly ProvidersVectorStore _vectors = new();

    protected override bool IsDurable => true;

    protected override int IsolationOperations => 5_000;

    public void Dispose() => _vectors.Dispose();

    protected override ValueTask<IMemoryStore> OpenAsync(TimeProvider clock) => new(new VectorDataMemoryStore(_vectors, new VectorDataMemoryOptions { GuidKeys = true }, null, clock));

    protected override async ValueTask CloseAsync(IMemoryStore store) => await ((VectorDataMemoryStore)store).DisposeAsync();
}
