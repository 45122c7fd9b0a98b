using Providers.Conformance;

namespace Providers.Memory.Sqlite.Tests;

public sealed class SqliteConformanceTests : StoreConformance
{
    private readonly TempFolder _folder = new();

    protected override bool IsDurable => true;

    /// <summary>The store in memory does 100,000 in every run.</summary>
    protected override int IsolationOperations => 40_000;

    protected override ValueTask<IMemoryStore> OpenAsync(TimeProvider clock) => new(new SqliteMemoryStore(new SqliteMemoryOptions { Path = _folder.File("memory.db") }, null, clock));

    protected override async ValueTask CloseAsync(IMemoryStore store) => await ((SqliteMemoryStore)store).DisposeAsync();
}
