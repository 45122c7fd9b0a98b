using Microsoft.Extensions.Options;
using Providers.Conformance;

namespace Providers.Memory.Tests;

public sealed class InMemoryStoreTests : StoreConformance
{
    protected override bool IsDurable => false;

    protected override ValueTask<IMemoryStore> OpenAsync(TimeProvider clock) => new(new InMemoryStore(Options.Create(new MemoryLimits()), clock));

    protected override ValueTask CloseAsync(IMemoryStore store)
    {
        ((InMemoryStore)store).Dispose();
        return default;
    }
}
